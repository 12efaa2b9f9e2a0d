using LmmRec.Artifacts;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables;

/// <summary>Reads all files of a table. Rows and files that cannot be used go to the log with their place; the rest of the table is read on.</summary>
/// <param name="folder">the data folder</param>
/// <param name="options">the table</param>
/// <param name="columns">the columns that are wanted</param>
/// <param name="kind">what the log calls a row</param>
/// <param name="log">the log</param>
internal sealed class TableReading(string folder, TableOptions options, WantedColumns columns, string kind, IngestLog log)
{
    private const string FileKind = "file";
    private const int RowsAtATime = 1 << 12; // progress and cancellation are no business of every row

    private readonly List<InputFile> _read = []; // files with a row that is one, read to their end
    private readonly bool[] _found = new bool[columns.Names.Count]; // by column: one of them has it

    /// <param name="use">uses a row; returns why it cannot, or null</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">There is no file, a file whose columns have a header lacks one, or no row of all files has a required one.</exception>
    public async Task RunAsync(Func<TableReader, string?> use, CancellationToken cancellation)
    {
        foreach (var file in InputFile.Of(folder, options.Files)) await ReadAsync(file, use, cancellation);
        if (_read.Count == 0 || !_found.Contains(false)) return;
        // Only JSON lines come here. What no row has, no row need have: a shop may know no brand. But it may be misspelt, too.
        foreach (var missing in columns.Names.Where((_, column) => !_found[column]).GroupBy(columns.IsRequired).OrderByDescending(group => group.Key))
        {
            var fault = ColumnNames.Missing(string.Join(", ", options.Files), missing, [.. _read.SelectMany(JsonNames.Of).Distinct()])!;
            if (missing.Key) throw new InvalidInputException(fault);
            log.Progress.Note($"warning: {fault}, unless the shop has no such values");
        }
    }

    private async Task ReadAsync(InputFile file, Func<TableReader, string?> use, CancellationToken cancellation)
    {
        using var task = log.Progress.Start(file.Name, total: null);
        var (rows, sound, used) = (0L, 0L, 0L);
        TableReader? reader = null;
        try
        {
            reader = await TableFiles.OpenAsync(file, options, columns.Names, cancellation);
            await reader.ReadAsync(() =>
            {
                if (++rows % RowsAtATime == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    task.Advance(RowsAtATime);
                }
                if (reader.Fault is null) sound++;
                if ((reader.Fault ?? use(reader)) is { } fault) log.Failed(kind, reader.Place, url: null, fault);
                else used++;
                return true;
            }, cancellation);
            log.Used(FileKind);
            if (sound == 0) return;
            _read.Add(file);
            for (var column = 0; column < _found.Length; column++) _found[column] |= reader.HasColumn(column);
        }
        catch (InvalidDataException e)
        {
            log.Failed(FileKind, reader is null || rows == 0 ? file.Name : reader.Place, url: null, rows == 0 ? e.Message : $"{e.Message}; the rows after this one are lost");
        }
        finally
        {
            reader?.Dispose();
            log.Used(kind, used);
            task.Advance(rows % RowsAtATime);
        }
    }
}
