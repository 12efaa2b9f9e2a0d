using System.Globalization;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Tables.Files;
using nietras.SeparatedValues;

namespace LmmRec.Tables;

/// <summary>Reads a CSV or TSV file. An empty line is no row; <c>\N</c>, as PostgreSQL writes what is not there, is an empty cell.</summary>
internal sealed class DelimitedReader : TableReader
{
    // Stands for bytes that are no UTF-8. No text holds it, since Unicode has no such character.
    private const char NoUtf8 = '\uFDD0';

    private static readonly Encoding Utf8 = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(NoUtf8.ToString()));

    private readonly BoundedText _text;
    private readonly SepReader _rows;
    private readonly IReadOnlyList<string> _wanted;
    private readonly int[] _columns;
    private bool _first; // the first row has been read and is a row of the table

    /// <exception cref="InvalidInputException">A wanted column is not there.</exception>
    /// <exception cref="InvalidDataException">There is no row.</exception>
    public DelimitedReader(InputFile file, char separator, TableOptions options, IReadOnlyList<string> wanted)
        : base(file)
    {
        _wanted = wanted;
        _text = new BoundedText(new StreamReader(PackedFile.Open(file.Path), Utf8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16), MaxRow, NoUtf8);
        _rows = Sep.New(separator).Reader(o => o with
        {
            HasHeader = false, // a name that stands twice, or none, is no fault as long as nobody wants it
            DisableColCountCheck = true,
            DisableQuotesParsing = !options.Quotes,
            Unescape = options.Quotes,
        }).From(_text);
        try
        {
            if (!MoveNext()) throw new InvalidDataException("is empty");
            Names = [.. Enumerable.Range(0, _rows.Current.ColCount).Select(i => options.Header ? _rows.Current[i].ToString().Trim() : (i + 1).ToString(CultureInfo.InvariantCulture))];
            _columns = ColumnNames.Find(file.Name, Names, wanted);
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
        _first = !options.Header;
    }

    /// <summary>The columns' names.</summary>
    public IReadOnlyList<string> Names { get; }

    protected override string Number => $"line {_rows.Current.LineNumberFrom}";

    public override ReadOnlySpan<char> this[int column] => _rows.Current[_columns[column]].Span is var cell and not "\\N" ? cell : [];

    public override bool Values(int column, List<string> into)
    {
        into.Add(this[column].ToString());
        return false;
    }

    public override Task ReadAsync(Func<bool> use, CancellationToken cancellation)
    {
        while (_first || MoveNext())
        {
            _first = false;
            var row = _rows.Current;
            var length = row.Span.Length;
            if (length == 0) continue;
            Fault = length >= MaxRow ? $"is longer than {MaxRow} characters, the most allowed"
                : row.ColCount != Names.Count ? Miscounted(row)
                : _text.Met ? FaultOfCells()
                : null;
            if (!use()) break;
        }
        return Task.CompletedTask;
    }

    public override void Dispose() => _rows.Dispose();

    private string Miscounted(SepReader.Row row)
    {
        var lines = row.LineNumberToExcl - row.LineNumberFrom;
        return $"has {row.ColCount} cells where there are {Names.Count} columns{(lines > 1 ? $", and goes on for {lines} lines: is a quote not closed?" : "")}";
    }

    private string? FaultOfCells()
    {
        for (var i = 0; i < _columns.Length; i++)
            if (this[i].Contains(NoUtf8)) return $"column '{_wanted[i]}' is no valid UTF-8; save the file as UTF-8";
        return null;
    }

    private bool MoveNext()
    {
        try
        {
            return _rows.MoveNext();
        }
        catch (NotSupportedException e)
        {
            throw new InvalidDataException("a row is longer than 16 million characters: a quote is not closed, or quotes are characters like others (\"quotes\": false)", e);
        }
    }
}
