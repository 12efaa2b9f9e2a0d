namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>Turns the pieces of a text into ids by a vocabulary. Implementations are thread-safe.</summary>
internal interface ITokenModel
{
    /// <summary>The vocabulary.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Adds the ids of a piece.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids);
}
