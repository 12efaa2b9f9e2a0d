using LmmRec.Artifacts;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>The first rows of a table.</summary>
/// <param name="File">the file that they are from: the table's first</param>
/// <param name="Options">how it is read</param>
/// <param name="Columns">its columns</param>
internal sealed record TableSample(InputFile File, TableOptions Options, IReadOnlyList<ColumnSample> Columns)
{
    private const int MaxRows = 10_000, MaxCell = 2000;

    /// <exception cref="InvalidInputException">The file is none of a table, or has no row.</exception>
    public static async Task<TableSample> ReadAsync(InputFile file, TableOptions options, CancellationToken cancellation)
    {
        try
        {
            var names = (await TableFiles.NamesAsync(file, options, cancellation)).Where(name => name.Length > 0).Distinct().ToList();
            // No shop calls a column by a number: such a first line is a row already.
            if (names.Exists(name => double.TryParse(name, out _)) && options.Header) return await ReadAsync(file, options with { Header = false }, cancellation);
            using var reader = await TableFiles.OpenAsync(file, options, names, cancellation);
            var rows = names.Select(_ => new List<string>()).ToArray();
            var isList = new bool[names.Count];
            var values = new List<string>();
            await reader.ReadAsync(() =>
            {
                if (reader.Fault is not null) return true;
                for (var c = 0; c < rows.Length; c++)
                {
                    values.Clear();
                    isList[c] |= reader.Values(c, values) && values.Count > 0;
                    var text = reader[c];
                    rows[c].Add(text[..Math.Min(text.Length, MaxCell)].ToString());
                }
                return rows[0].Count < MaxRows;
            }, cancellation);
            if (rows.Length == 0 || rows[0].Count == 0) throw new InvalidInputException($"{file.Name}: holds no row to look at");
            return new TableSample(file, options, [.. names.Select((name, c) => new ColumnSample(name, rows[c], isList[c]))]);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{file.Name}: {e.Message}", e);
        }
    }
}
