namespace LmmRec.Tables.Files;

/// <summary>Text whose lines are cut: a line that fills the memory must not hide the ones after it.</summary>
/// <param name="text">the text</param>
/// <param name="maxLine">characters after which a line is cut</param>
/// <param name="watched">a character that is looked out for</param>
internal sealed class BoundedText(TextReader text, int maxLine, char watched) : TextReader
{
    private int _line; // characters of the line so far

    /// <summary>Whether the watched character was met so far; to look for it in blocks costs less than in rows.</summary>
    public bool Met { get; private set; }

    public override int Read(Span<char> buffer)
    {
        while (true)
        {
            var count = text.Read(buffer);
            Met = Met || buffer[..count].Contains(watched);
            var kept = Keep(buffer[..count]);
            if (kept > 0 || count == 0) return kept;
        }
    }

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    private int Keep(Span<char> read)
    {
        if (_line + read.Length > maxLine) return Cut(read);
        var end = read.LastIndexOfAny('\n', '\r');
        _line = end < 0 ? _line + read.Length : read.Length - end - 1;
        return read.Length;
    }

    // Moves the characters that are kept to the front.
    private int Cut(Span<char> read)
    {
        var (from, to) = (0, 0);
        while (from < read.Length)
        {
            var rest = read[from..];
            var end = rest.IndexOfAny('\n', '\r');
            var length = end < 0 ? rest.Length : end;
            var kept = Math.Min(length, maxLine - _line);
            if (from != to) rest[..kept].CopyTo(read[to..]);
            (from, to, _line) = (from + length, to + kept, _line + kept);
            if (end < 0) break;
            read[to++] = read[from++];
            _line = 0;
        }
        return to;
    }
}
