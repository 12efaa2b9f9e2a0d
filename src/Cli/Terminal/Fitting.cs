using System.Text;
using Spectre.Console.Rendering;

namespace LmmRec.Cli.Terminal;

/// <summary>Texts cut to a number of terminal columns; a character of Chinese or an emoji takes two.</summary>
internal static class Fitting
{
    private const string Indent = "    ";

    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>The beginning of <paramref name="text"/>, at most <paramref name="columns"/> wide.</summary>
    public static string Start(string text, int columns)
    {
        var (kept, width) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            width += Width(rune.ToString());
            if (width > columns) break;
            kept += rune.Utf16SequenceLength;
        }
        return text[..kept];
    }

    /// <summary>The text, or its beginning and its end with … between them, at most <paramref name="columns"/> wide.</summary>
    public static string Middle(string text, int columns)
    {
        if (Width(text) <= columns) return text;
        var start = Start(text, columns / 2);
        var end = text;
        while (Width(start) + 1 + Width(end) > columns && end.Length > 0) end = end[(char.IsSurrogatePair(end, 0) ? 2 : 1)..];
        return $"{start}…{end}";
    }

    /// <summary>The text in lines of at most <paramref name="columns"/>, parted at blanks where it can be; the lines after the first are indented.</summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = new StringBuilder();
        var indent = columns > 2 * Indent.Length ? Indent : "";
        var words = text.TrimStart(' ').Split(' ');
        line.Append(' ', text.Length - text.TrimStart(' ').Length);
        var empty = true; // nothing but the indentation is in the line
        foreach (var word in words)
        {
            if (!empty && Width(line.ToString()) + 1 + Width(word) > columns)
            {
                yield return line.ToString();
                line.Clear().Append(indent);
                empty = true;
            }
            if (!empty) line.Append(' ');
            line.Append(word);
            empty = false;
            while (Width(line.ToString()) > columns) // a word longer than the terminal
            {
                var full = Start(line.ToString(), columns);
                yield return full;
                line.Remove(0, full.Length).Insert(0, indent);
            }
        }
        yield return line.ToString();
    }
}
