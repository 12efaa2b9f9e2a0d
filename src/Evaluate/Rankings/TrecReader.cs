using System.Text;
using LmmRec.Tables;
using LmmRec.Tables.Files;

namespace LmmRec.Evaluate.Rankings;

/// <summary>Reads a TREC run file: lines of user, <c>Q0</c>, item, rank, score and the name of the run, blanks between. An empty line is no row.</summary>
internal sealed class TrecReader : TableReader
{
    private const int Cells = 6, Look = 1 << 12; // bytes in which the first line ends

    // Where TREC has what RankingsFile wants: user, item, rank, score.
    private static readonly int[] Wanted = [0, 2, 3, 4];

    private readonly Stream _stream;
    private readonly Utf8Lines _lines;
    private readonly Range[] _cells = new Range[Cells + 1]; // one more, so that a longer line shows
    private char[] _text = [];

    public TrecReader(InputFile file)
        : base(file)
    {
        _stream = PackedFile.Open(file.Path);
        _lines = new Utf8Lines(_stream, MaxRow);
    }

    protected override string Number => $"line {_lines.Number}";

    public override ReadOnlySpan<char> this[int column] => _text.AsSpan(_cells[Wanted[column]]);

    /// <summary>Whether the first line is one of a run file.</summary>
    /// <exception cref="InvalidDataException">The file is packed and damaged.</exception>
    public static bool Reads(string path)
    {
        var line = Encoding.UTF8.GetString(PackedFile.Head(path, Look)).AsSpan().TrimStart('\uFEFF');
        var cells = new Range[Cells + 1];
        line = line[..(line.IndexOfAny('\r', '\n') is >= 0 and var end ? end : line.Length)];
        return Split(line, cells) == Cells && long.TryParse(line[cells[3]], out _) && RankingsFile.TryParse(line[cells[4]], out _);
    }

    public override bool Values(int column, List<string> into)
    {
        into.Add(this[column].ToString());
        return false;
    }

    public override Task ReadAsync(Func<bool> use, CancellationToken cancellation)
    {
        while (_lines.TryRead(out var line))
        {
            if (_text.Length < line.Length) _text = new char[Math.Max(line.Length, 2 * _text.Length)];
            var length = Encoding.UTF8.GetChars(line, _text); // never more characters than bytes
            var cells = Split(_text.AsSpan(0, length), _cells);
            if (cells == 0 && !_lines.TooLong) continue;
            Fault = _lines.TooLong ? LineFault.TooLong : cells == Cells ? null : $"has {(cells > Cells ? $"more than {Cells}" : cells)} cells where a run file has {Cells}: user, Q0, item, rank, score and the run's name";
            if (!use()) break;
        }
        return Task.CompletedTask;
    }

    public override void Dispose() => _stream.Dispose();

    private static int Split(ReadOnlySpan<char> line, Span<Range> cells) => line.SplitAny(cells, " \t", StringSplitOptions.RemoveEmptyEntries);
}
