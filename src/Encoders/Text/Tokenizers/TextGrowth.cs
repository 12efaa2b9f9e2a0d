using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>How long a text may become on its way to ids: steps that lengthen it, one after the other, would go on until memory is full.</summary>
internal static class TextGrowth
{
    private const int Longest = 1 << 24; // characters

    /// <exception cref="InvalidInputException">The text is too long.</exception>
    public static void Check(long length)
    {
        if (length > Longest) throw new InvalidInputException($"a text becomes {length} characters long by the steps of its tokenizer.json; allowed are {Longest}: is the file damaged?");
    }
}
