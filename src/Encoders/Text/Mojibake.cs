using System.Text;
using System.Text.RegularExpressions;

namespace LmmRec.Encoders.Text;

/// <summary>
/// UTF-8 that was read as another encoding (<c>cafÃ©</c>), and its repair by the rules of ftfy 6: a text is repaired only where it holds neighbours that
/// hardly anybody writes, by the first encoding whose bytes are UTF-8; else each part of it that looks like UTF-8 is, by itself.
/// </summary>
internal static partial class Mojibake
{
    // Bytes are written as the characters of their numbers.
    private static readonly Regex Sequences = Detector();
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text as it was meant; the text itself where nothing is wrong with it.</summary>
    public static string Repaired(string text)
    {
        while (Step(text) is var repaired)
        {
            if (repaired == text) return text;
            text = repaired;
        }
        return text;
    }

    private static string Step(string text)
    {
        if (Ascii.IsValid(text) || !Unlikely().IsMatch(text)) return text;
        foreach (var page in CodePage.All)
            if (page.TryEncode(text, out var bytes) && Decoded(Restored(bytes, page.IsWindows)) is { } decoded) return decoded;
        var parts = Sequences.Replace(text, part => part.Length < text.Length && Unlikely().IsMatch(part.Value) ? Repaired(part.Value) : part.Value);
        if (parts != text) return parts;
        return Controls().Replace(text, c => CodePage.Windows1252[(byte)c.Value[0]].ToString());
    }

    // Bytes that another program changed: A0 is a blank to some, and U+FFFD or '?' is what others leave of a byte they do not know.
    private static string Restored(string bytes, bool isWindows)
    {
        if (Blanks().IsMatch(bytes)) bytes = Blanks().Replace(LoneGraves().Replace(bytes, "\u00C3\u00A0 "), sequence => sequence.Value.Replace(' ', '\u00A0'));
        return isWindows ? Lost().Replace(bytes, "\u00EF\u00BF\u00BD") : bytes;
    }

    private static string? Decoded(string bytes)
    {
        try
        {
            return Strict.GetString(Encoding.Latin1.GetBytes(bytes));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // What a UTF-8 sequence looks like in an encoding like Latin 1; a blank may stand for the byte A0. Not within a longer run of the like.
    private static Regex Detector()
    {
        var continuation = Read(0x80, 0xBF);
        var inside = string.Concat(continuation.Except(" –—―‘’‚“”„•…"));
        return new Regex($"(?<![{inside}])([{Read(0xC2, 0xDF)}][{continuation} ]|[{Read(0xE0, 0xEF)}][{continuation} ]{{2}}|[{Read(0xF0, 0xF0)}{Read(0xF3, 0xF3)}][{continuation} ]{{3}})+",
            RegexOptions.CultureInvariant | RegexOptions.Compiled);

        static string Read(int first, int last) =>
            string.Concat(Enumerable.Range(first, last - first + 1).SelectMany(b => CodePage.LikeLatin1.Select(page => page[(byte)b])).Distinct());
    }

    [GeneratedRegex("[\u0080-\u009F]")]
    private static partial Regex Controls();

    [GeneratedRegex("[\u00C2\u00C3\u00C5\u00CE\u00D0\u00D9] |[\u00E2\u00E3] [\u0080-\u0084\u0086-\u009F\u00A1-\u00BF]|[\u00E0-\u00E3][\u0080-\u0084\u0086-\u009F\u00A1-\u00BF] "
        + "|\u00F0 [\u0080-\u00BF]{2}|\u00F0[\u0080-\u00BF] [\u0080-\u00BF]|\u00F0[\u0080-\u00BF]{2} ")]
    private static partial Regex Blanks();

    // "à" that is a word by itself keeps the blank behind it; the exceptions are Portuguese.
    [GeneratedRegex("\u00C3 (?! |quele|quela|quilo|s )")]
    private static partial Regex LoneGraves();

    [GeneratedRegex("[\u00C2-\u00DF]\u001A|[\u00C2\u00C3]\\?|\u00ED[\u00A0-\u00AF][\u001A?]\u00ED[\u00B0-\u00BF][\u001A?\u0080-\u00BF]|\u00ED[\u00A0-\u00AF][\u001A?\u0080-\u00BF]\u00ED[\u00B0-\u00BF][\u001A?]"
        + "|[\u00E0-\u00EF][\u001A?][\u001A\u0080-\u00BF]|[\u00E0-\u00EF][\u001A\u0080-\u00BF][\u001A?]"
        + "|[\u00F0-\u00F4][\u001A?][\u001A\u0080-\u00BF]{2}|[\u00F0-\u00F4][\u001A\u0080-\u00BF][\u001A?][\u001A\u0080-\u00BF]|[\u00F0-\u00F4][\u001A\u0080-\u00BF]{2}[\u001A?]|\u001A")]
    private static partial Regex Lost();
}
