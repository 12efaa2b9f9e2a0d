using System.Globalization;

namespace LmmRec.Cli.Terminal;

/// <summary>Text for a terminal: ids, names and addresses come from strangers, and a control character among them could change what the terminal shows.</summary>
internal static class Printable
{
    /// <summary>The text with control and direction characters as <c>\u001b</c>; line ends and tabs stay.</summary>
    public static string Of(string text) =>
        text.Any(IsUnsafe) ? string.Concat(text.Select(c => IsUnsafe(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString())) : text;

    private static bool IsUnsafe(char c) => (char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
