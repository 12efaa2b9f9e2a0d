using System.Globalization;

namespace LmmRec.Ingest.Sources;

/// <summary>Reads ids that are indices, the rows of feature matrices.</summary>
internal static class DenseIndex
{
    /// <summary>What <see cref="Parse"/> takes, for messages.</summary>
    public const string Allowed = "a whole number from 0 of at most nine digits, without sign, point or leading zero";

    /// <returns>null where <paramref name="text"/> is no index. 07 is no way to write 7: where it occurs ids are names, and two names would become one.</returns>
    public static int? Parse(string text) =>
        text.Length is > 0 and <= 9 && text.All(char.IsAsciiDigit) && (text[0] != '0' || text.Length == 1) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
