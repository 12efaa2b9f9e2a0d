using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Characters;

/// <summary>A regular expression over whole characters, those beyond the basic plane too (docs/encoders.md#patterns).</summary>
internal sealed class Pattern
{
    // Far more than any pattern of a tokenizer takes: 100 steps a character, of which each is a nanosecond or two.
    private const long WorkOfAnyText = 10_000_000, WorkPerChar = 1000;

    private readonly PatternNode _start;
    private readonly string _place;
    private readonly int _loops;

    /// <param name="source">the regular expression</param>
    /// <param name="place">where it stands, for messages</param>
    /// <exception cref="InvalidInputException">It is none, or has what is not supported.</exception>
    public Pattern(string source, string place)
    {
        _place = place;
        try
        {
            var parser = new PatternParser(source);
            _start = parser.Parse();
            _loops = parser.Loops;
        }
        catch (FormatException e)
        {
            throw new InvalidInputException($"{place}: the pattern {e.Message}", e);
        }
    }

    /// <summary>The pattern that only <paramref name="text"/> itself matches; an empty one matches nothing.</summary>
    public static Pattern Literal(string text, string place) =>
        new(text == "" ? @"[^\s\S]" : string.Concat(text.Select(c => char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) ? $@"\{c}" : c.ToString())), place);

    /// <summary>Finds all matches, from left to right; none overlaps another.</summary>
    public List<(int Start, int End)> Matches(ReadOnlySpan<char> text)
    {
        var found = new List<(int, int)>();
        var matching = new Matching(text, new int[_loops], WorkOfAnyText + WorkPerChar * text.Length, _place);
        var last = -1; // where the last match ended: an empty one there would be no new one
        for (var at = 0; at <= text.Length;)
        {
            var end = _start.Match(ref matching, at);
            if (end > at || (end == at && at != last))
            {
                found.Add((at, end));
                last = end;
            }
            if (end > at) at = end;
            else if (at == text.Length) break;
            else at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        }
        return found;
    }
}
