using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Artifacts.Store;

/// <summary>What can be said of a journal from outside.</summary>
public static class Journal
{
    internal const string Lines = ".jsonl", Bytes = ".bin";

    /// <summary>How many entries there are, without opening the journal, which another process may be writing.</summary>
    public static int CountOf(string folder, string name) => Path.Combine(folder, name + Lines) is var path && File.Exists(path) ? File.ReadLines(path).Count() : 0;
}

/// <summary>
/// Work that is done, entry by entry, in a folder that outlives the process: a JSON line each, and the bytes that belong to it in a second file. The
/// bytes are written before the line, so an entry whose line is whole is whole; what a killed process left of another is cut off at the next opening.
/// </summary>
public sealed class Journal<TEntry> : IDisposable where TEntry : class
{
    private const int LineRead = 1 << 10; // bytes: longer than most lines

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Lock _appending = new();
    private readonly SafeFileHandle _lines, _bytes;
    private long _linesEnd, _bytesEnd;

    private sealed record Line(long At, int Length, TEntry Entry);

    /// <summary>Opens <c>name.jsonl</c> and <c>name.bin</c> in <paramref name="folder"/>, made if they are not there.</summary>
    public Journal(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        _lines = Open(Path.Combine(folder, name + Journal.Lines));
        _bytes = Open(Path.Combine(folder, name + Journal.Bytes));
        var available = RandomAccess.GetLength(_bytes);
        foreach (var (_, line, end) in Scan(RandomAccess.GetLength(_lines)))
        {
            if (line is null || line.At + line.Length > available) break;
            (_linesEnd, _bytesEnd) = (end, line.At + line.Length);
        }
        RandomAccess.SetLength(_lines, _linesEnd);
        RandomAccess.SetLength(_bytes, _bytesEnd);
    }

    /// <summary>All entries with their places, in the order in which they were appended.</summary>
    public IEnumerable<(long Place, TEntry Entry)> Entries => Scan(_linesEnd).Select(found => (found.Place, found.Line!.Entry));

    /// <summary>Appends an entry; from any thread.</summary>
    /// <returns>Its place.</returns>
    public long Append(TEntry entry, ReadOnlySpan<byte> bytes)
    {
        lock (_appending)
        {
            var place = _linesEnd;
            RandomAccess.Write(_bytes, bytes, _bytesEnd);
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(new Line(_bytesEnd, bytes.Length, entry), Json), (byte)'\n'];
            RandomAccess.Write(_lines, line, place);
            _bytesEnd += bytes.Length;
            _linesEnd += line.Length;
            return place;
        }
    }

    /// <summary>The entry at <paramref name="place"/>.</summary>
    public TEntry Read(long place) => LineAt(place).Entry;

    /// <summary>The bytes that belong to the entry at <paramref name="place"/>.</summary>
    public byte[] Bytes(long place)
    {
        var line = LineAt(place);
        var bytes = new byte[line.Length];
        for (var at = 0; at < bytes.Length;)
        {
            var read = RandomAccess.Read(_bytes, bytes.AsSpan(at), line.At + at);
            at += read > 0 ? read : throw new EndOfStreamException("a journal was cut off while it was read");
        }
        return bytes;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _bytes.Dispose();
    }

    private Line LineAt(long place) => Scan(_linesEnd, place).First().Line!;

    // Each whole line from a place on; null where it is none that we wrote.
    private IEnumerable<(long Place, Line? Line, long End)> Scan(long end, long place = 0)
    {
        var buffer = new byte[LineRead];
        var filled = 0;
        for (var read = place; read < end;)
        {
            if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
            var count = RandomAccess.Read(_lines, buffer.AsSpan(filled), read);
            if (count == 0) yield break;
            read += count;
            filled += count;
            var start = 0;
            while (buffer.AsSpan(start..filled).IndexOf((byte)'\n') is >= 0 and var length)
            {
                var next = place + length + 1;
                yield return (place, Parse(buffer.AsSpan(start, length)), next);
                place = next;
                start += length + 1;
            }
            buffer.AsSpan(start..filled).CopyTo(buffer);
            filled -= start;
        }
    }

    private static Line? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, Json) is { Entry: not null } read ? read : null;
        }
        catch (JsonException)
        {
            return null; // the disk lost what it had promised, such as in a power cut
        }
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
}
