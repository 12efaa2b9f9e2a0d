namespace LmmRec.Encoders.Text;

/// <summary>Turns a text into the token ids that an encoder reads. Implementations are thread-safe; cleaning the text is part of their work.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids: an encoder's embedding table has as many rows.</summary>
    int VocabularySize { get; }

    /// <summary>Fills <paramref name="ids"/>, whose length is the encoder's context length, with start marker, text, end marker and padding;
    /// a text that is too long loses its end.</summary>
    /// <returns>The number of ids that are not padding.</returns>
    int Encode(string text, Span<long> ids);
}
