using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>Strips accents: canonical decomposition (NFD) without non-spacing marks.</summary>
internal static class Accents
{
    /// <summary>Appends what remains of <paramref name="rune"/>.</summary>
    public static void AppendStripped(StringBuilder result, Rune rune)
    {
        if (rune.Value < 0xC0)
        {
            result.Append((char)rune.Value);
            return;
        }
        var parts = new List<int>(3);
        Normalization.Decompose(rune.Value, parts);
        foreach (var part in parts)
            if (CharUnicodeInfo.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark) result.Append(char.ConvertFromUtf32(part));
    }
}
