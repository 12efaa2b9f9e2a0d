using LmmRec.Artifacts;

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

    /// <param name="use">uses a row; returns why it cannot, or null</param>
    /// <param name="cancellation">ends the reading</param>
    /// <exception cref="InvalidInputException">There is no file, or a file lacks a column.</exception>
    public async Task RunAsync(Func<TableReader, string?> use, CancellationToken cancellation)
    {
        foreach (var file in InputFile.Of(folder, options.Files)) await ReadAsync(file, use, cancellation);
    }

    private async Task ReadAsync(InputFile file, Func<TableReader, string?> use, CancellationToken cancellation)
    {
        using var task = log.Progress.Start(file.Name, total: null);
        var (rows, used) = (0L, 0L);
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
                if ((reader.Fault ?? use(reader)) is { } fault) log.Failed(kind, reader.Place, url: null, fault);
                else used++;
                return true;
            }, cancellation);
            log.Used(FileKind);
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
