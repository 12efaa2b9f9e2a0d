using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Ingest.Sources;

/// <summary>The lines of an unzipped file from outside, where some kilobytes may unfold to a line that fills the memory, or to text without end.</summary>
/// <param name="reader">the text</param>
/// <param name="url">where it came from, for messages</param>
/// <param name="maxLine">longest line, in characters</param>
/// <param name="maxTotal">longest text, in characters</param>
internal sealed class BoundedLines(TextReader reader, Uri url, int maxLine, long maxTotal)
{
    private readonly char[] _buffer = new char[1 << 14];
    private readonly StringBuilder _line = new();
    private int _at, _end, _number = 1;
    private long _total;

    /// <summary>The next line without its end (\n or \r\n); null after the last.</summary>
    /// <exception cref="InvalidInputException">The line or the text is longer than allowed.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellation)
    {
        _line.Clear();
        while (_at < _end || await FillAsync(cancellation))
        {
            var rest = _buffer.AsMemory(_at.._end);
            var length = rest.Span.IndexOf('\n');
            var part = length < 0 ? rest : rest[..length];
            if (_line.Length + part.Length > maxLine)
                throw new InvalidInputException($"{url}: line {_number} is longer than {maxLine} characters, the most allowed; is it the right file?");
            _line.Append(part);
            _at += part.Length;
            if (length < 0) continue;
            _at++;
            _number++;
            return Line();
        }
        return _line.Length > 0 ? Line() : null;
    }

    private string Line()
    {
        if (_line.Length > 0 && _line[^1] == '\r') _line.Length--;
        return _line.ToString();
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        (_at, _end) = (0, await reader.ReadAsync(_buffer, cancellation));
        _total += _end;
        if (_total > maxTotal)
            throw new InvalidInputException($"{url}: holds more than {maxTotal} characters when unzipped, the most allowed; is it the right file?");
        return _end > 0;
    }
}
