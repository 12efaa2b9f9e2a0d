using LmmRec.Artifacts.Store;
using LmmRec.Tables.Files;

namespace LmmRec.Tables;

/// <summary>Opens a table's file in its form: the one that the options name, else the one that its first bytes tell.</summary>
public static class TableFiles
{
    private const int Look = 1 << 16; // bytes in which the first line ends

    /// <exception cref="Artifacts.InvalidInputException">A wanted column is not there.</exception>
    /// <exception cref="InvalidDataException">The file is none of a table.</exception>
    public static async Task<TableReader> OpenAsync(InputFile file, TableOptions options, IReadOnlyList<string> wanted, CancellationToken cancellation) =>
        FormatOf(file, options, out var separator) switch
        {
            TableFormat.Jsonl => new JsonLinesReader(file, wanted),
            TableFormat.Parquet => await ParquetRows.OpenAsync(file, wanted, cancellation),
            _ => new DelimitedReader(file, separator, options, wanted),
        };

    /// <summary>The columns of a file, in its order.</summary>
    /// <exception cref="InvalidDataException">The file is none of a table.</exception>
    public static async Task<IReadOnlyList<string>> NamesAsync(InputFile file, TableOptions options, CancellationToken cancellation)
    {
        switch (FormatOf(file, options, out var separator))
        {
            case TableFormat.Jsonl: return JsonNames.Of(file);
            case TableFormat.Parquet: return await ParquetRows.NamesAsync(file, cancellation);
            default:
                using (var reader = new DelimitedReader(file, separator, options, [])) return reader.Names;
        }
    }

    /// <summary>The form of a file, and what parts the cells of a CSV file.</summary>
    public static TableFormat FormatOf(InputFile file, TableOptions options, out char separator)
    {
        var head = PackedFile.Head(file.Path, Look).AsSpan();
        if (head is [0xef, 0xbb, 0xbf, ..]) head = head[3..];
        if (head.IsEmpty) throw new InvalidDataException("is empty");
        if (StandIn.Of(head) is { } what) throw new InvalidDataException(what);
        separator = options.Separator is { } named ? named[0] : options.Format == TableFormat.Tsv ? '\t' : SeparatorIn(head);
        if (options.Format is { } format) return format;
        if (head.StartsWith("PAR1"u8)) return TableFormat.Parquet;
        return head.TrimStart(" \t\r\n"u8) switch
        {
            [(byte)'{', ..] => TableFormat.Jsonl,
            [(byte)'[', ..] => throw new InvalidDataException("is one JSON list; wanted is one object a line, as 'jq -c .[]' makes of it"),
            _ => TableFormat.Csv,
        };
    }

    // The candidate that the first line holds most of, outside of quotes.
    private static char SeparatorIn(ReadOnlySpan<byte> head)
    {
        var candidates = ",;\t|";
        Span<int> counts = stackalloc int[candidates.Length];
        var quoted = false;
        foreach (var b in head)
        {
            if (b == '"') quoted = !quoted;
            else if (quoted) continue;
            else if (b is (byte)'\n' or (byte)'\r') break;
            else if (candidates.IndexOf((char)b, StringComparison.Ordinal) is >= 0 and var i) counts[i]++;
        }
        var most = 0;
        for (var i = 1; i < counts.Length; i++)
            if (counts[i] > counts[most]) most = i;
        return candidates[most];
    }
}
