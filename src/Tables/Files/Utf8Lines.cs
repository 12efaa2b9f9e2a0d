namespace LmmRec.Tables.Files;

/// <summary>The lines of UTF-8 text as bytes, without their ends (\n or \r\n) and without the byte-order mark.</summary>
/// <param name="stream">the text</param>
/// <param name="maxLine">longest line, in bytes; of a longer one nothing is kept but that it was there</param>
public sealed class Utf8Lines(Stream stream, int maxLine)
{
    private byte[] _buffer = new byte[1 << 18];
    private int _at, _end;

    /// <summary>Number of the line that was read, 1-based.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the line that was read is too long; it is empty then.</summary>
    public bool TooLong { get; private set; }

    /// <summary>Reads the next line. The bytes are good until the next call.</summary>
    /// <returns>False after the last.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        TooLong = false;
        Number++;
        var seen = 0; // bytes of the line known to hold no end
        while (true)
        {
            var end = _buffer.AsSpan(_at + seen, _end - _at - seen).IndexOf((byte)'\n');
            if (end >= 0)
            {
                line = Line(_at + seen + end);
                _at += seen + end + 1;
                return true;
            }
            seen = _end - _at;
            if (seen > maxLine)
            {
                TooLong = true;
                (_at, _end, seen) = (0, 0, 0);
            }
            if (Fill()) continue;
            line = Line(_end);
            _at = _end;
            return seen > 0 || TooLong;
        }
    }

    private ReadOnlySpan<byte> Line(int end)
    {
        var line = _buffer.AsSpan(_at, end - _at);
        if (line.Length > maxLine) TooLong = true;
        if (TooLong) return [];
        if (line is [.., (byte)'\r']) line = line[..^1];
        return Number == 1 && line is [0xef, 0xbb, 0xbf, ..] ? line[3..] : line;
    }

    // Brings more bytes behind those of the line, which moves to the front.
    private bool Fill()
    {
        var rest = _end - _at;
        if (rest == _buffer.Length) Array.Resize(ref _buffer, 2 * rest);
        else if (_at > 0) _buffer.AsSpan(_at, rest).CopyTo(_buffer);
        (_at, _end) = (0, rest);
        var count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }
}
