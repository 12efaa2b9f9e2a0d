using System.Globalization;

namespace LmmRec.Evaluate.Report;

/// <summary>Texts that have to fit.</summary>
internal static class Short
{
    /// <summary>The first characters, as readers count them, and … where there are more.</summary>
    public static string Of(string text, int most)
    {
        var characters = new StringInfo(text);
        return characters.LengthInTextElements <= most ? text : characters.SubstringByTextElements(0, most - 1) + "…";
    }
}
