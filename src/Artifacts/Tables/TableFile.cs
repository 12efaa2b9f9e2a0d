using System.IO.Compression;
using System.Runtime.CompilerServices;
using Parquet;

namespace LmmRec.Artifacts.Tables;

/// <summary>A row group of a table.</summary>
/// <param name="File">the file that it lies in</param>
/// <param name="Index">its place in the file, 0-based</param>
/// <param name="First">the number of its first row, 0-based over all files of the table</param>
/// <param name="Rows">how many rows it has</param>
public sealed record RowGroup(string File, int Index, long First, int Rows);

/// <summary>Reads and writes tables as Parquet files (the record is the schema; zstd, but pictures and vectors as they are).</summary>
public static class TableFile
{
    private const string Extension = ".parquet";

    // A row group of pictures ends at this size whatever their number, so that neither writer nor reader holds a gigabyte.
    private const long MaxFileBytesPerGroup = 64 << 20;

    /// <summary>The columns of a table, as the documentation lists them.</summary>
    public static IReadOnlyList<ColumnDescription> Columns<TRow>() => RowSchema<TRow>.Instance.Columns;

    /// <summary>The table's name, which those of its files begin with.</summary>
    public static string NameOf<TRow>() => RowSchema<TRow>.Instance.Table.Name;

    /// <summary>The file of an unsharded table in <paramref name="folder"/>.</summary>
    public static string PathOf<TRow>(string folder) => Path.Combine(folder, RowSchema<TRow>.Instance.Table.Name + Extension);

    /// <summary>The file of shard <paramref name="shard"/> of a table, such as <c>images-00000.parquet</c>.</summary>
    public static string ShardName(string table, int shard) => $"{table}-{shard:D5}{Extension}";

    /// <summary>Whether the file <paramref name="name"/> is the table <paramref name="table"/>, or a shard of it.</summary>
    internal static bool IsOf(string name, string table) =>
        name.StartsWith(table, StringComparison.Ordinal) && Path.GetExtension(name) == Extension && name[table.Length..^Extension.Length] is "" or ['-', _, _, _, _, _];

    /// <summary>The shards of a table in <paramref name="folder"/>, in order; none if there are none.</summary>
    public static IReadOnlyList<string> Shards(string folder, string table) =>
        [.. Directory.EnumerateFiles(folder, $"{table}-?????{Extension}").Order(StringComparer.Ordinal)];

    /// <summary>Writes <paramref name="rows"/> to <paramref name="path"/>, one row group at a time.</summary>
    /// <returns>The number of rows.</returns>
    public static Task<long> WriteAsync<TRow>(string path, IEnumerable<TRow> rows, CancellationToken cancellation) =>
        WriteAsync(path, rows.ToAsyncEnumerable(), cancellation);

    /// <inheritdoc cref="WriteAsync{TRow}(string, IEnumerable{TRow}, CancellationToken)"/>
    public static async Task<long> WriteAsync<TRow>(string path, IAsyncEnumerable<TRow> rows, CancellationToken cancellation)
    {
        var schema = RowSchema<TRow>.Instance;
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema.Parquet, stream, Options(schema), cancellationToken: cancellation);
        var (count, bytes) = (0L, 0L);
        var pending = new List<TRow>();
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            pending.Add(row);
            bytes += schema.FileBytes(row);
            if (pending.Count == schema.Table.RowsPerGroup || bytes >= MaxFileBytesPerGroup) await WriteGroupAsync();
        }
        if (pending.Count > 0) await WriteGroupAsync();
        return count;

        async Task WriteGroupAsync()
        {
            using var group = writer.CreateRowGroup();
            for (var c = 0; c < schema.Codecs.Length; c++)
                await schema.Codecs[c].WriteAsync(group, schema.Parquet, schema.Values(c, pending), cancellation);
            count += pending.Count;
            bytes = 0;
            pending.Clear();
        }
    }

    /// <summary>Reads a table row by row, holding one row group in memory.</summary>
    /// <exception cref="InvalidInputException">The file is missing, is no Parquet file, or lacks a column.</exception>
    public static async IAsyncEnumerable<TRow> StreamAsync<TRow>(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var schema = RowSchema<TRow>.Instance;
        await using var reader = await OpenAsync(path, schema, cancellation);
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            var (columns, rows) = await ReadGroupAsync(reader, schema, path, g, schema.AllColumns, cancellation);
            for (var row = 0; row < rows; row++) yield return schema.Row(columns, row);
        }
    }

    /// <summary>The row groups of the table of this row type in an artifact folder, over all its files in order.</summary>
    /// <inheritdoc cref="StreamAsync{TRow}" path="/exception"/>
    public static async Task<IReadOnlyList<RowGroup>> GroupsAsync<TRow>(string folder, string? table = null, CancellationToken cancellation = default)
    {
        var groups = new List<RowGroup>();
        var first = 0L;
        foreach (var file in FilesOf<TRow>(folder, table))
        {
            await using var reader = await OpenAsync(file, RowSchema<TRow>.Instance, cancellation);
            for (var index = 0; index < reader.RowGroupCount; index++)
            {
                using var group = reader.OpenRowGroupReader(index);
                groups.Add(new RowGroup(file, index, first, checked((int)group.RowCount)));
                first += group.RowCount;
            }
        }
        return groups;
    }

    /// <summary>Reads columns of one row group, and no others.</summary>
    /// <param name="group">which</param>
    /// <param name="columns">their places among <see cref="Columns{TRow}"/></param>
    /// <param name="cancellation">ends the reading</param>
    /// <returns>By column an array of the .NET type of the row's parameter, one element a row.</returns>
    /// <inheritdoc cref="StreamAsync{TRow}" path="/exception"/>
    public static async Task<Array[]> ReadColumnsAsync<TRow>(RowGroup group, IReadOnlyList<int> columns, CancellationToken cancellation)
    {
        var schema = RowSchema<TRow>.Instance;
        await using var reader = await OpenAsync(group.File, schema, cancellation);
        return (await ReadGroupAsync(reader, schema, group.File, group.Index, columns, cancellation)).Columns;
    }

    /// <summary>Reads the rows of one row group.</summary>
    /// <inheritdoc cref="StreamAsync{TRow}" path="/exception"/>
    internal static async Task<TRow[]> ReadGroupAsync<TRow>(RowGroup group, CancellationToken cancellation)
    {
        var schema = RowSchema<TRow>.Instance;
        var columns = await ReadColumnsAsync<TRow>(group, schema.AllColumns, cancellation);
        return [.. Enumerable.Range(0, group.Rows).Select(row => schema.Row(columns, row))];
    }

    /// <summary>Reads a whole table into memory.</summary>
    /// <inheritdoc cref="StreamAsync{TRow}" path="/exception"/>
    public static async Task<List<TRow>> ReadAsync<TRow>(string path, CancellationToken cancellation)
    {
        var rows = new List<TRow>();
        await foreach (var row in StreamAsync<TRow>(path, cancellation)) rows.Add(row);
        return rows;
    }

    /// <summary>Reads the table of this row type from an artifact folder: its one file, or all its shards in order.</summary>
    /// <inheritdoc cref="StreamAsync{TRow}" path="/exception"/>
    public static async IAsyncEnumerable<TRow> StreamFolderAsync<TRow>(
        string folder, string? table = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var file in FilesOf<TRow>(folder, table))
            await foreach (var row in StreamAsync<TRow>(file, cancellation)) yield return row;
    }

    private static IReadOnlyList<string> FilesOf<TRow>(string folder, string? table)
    {
        table ??= RowSchema<TRow>.Instance.Table.Name;
        var whole = Path.Combine(folder, table + Extension);
        var files = File.Exists(whole) ? [whole] : Directory.Exists(folder) ? Shards(folder, table) : [];
        return files.Count > 0 ? files
            : throw new InvalidInputException($"{folder}: there is no table '{table}' ({table}{Extension} or {ShardName(table, 0)}); run the stage that writes it");
    }

    private static async Task<(Array[] Columns, int Rows)> ReadGroupAsync<TRow>(
        ParquetReader reader, RowSchema<TRow> schema, string path, int index, IReadOnlyList<int> wanted, CancellationToken cancellation)
    {
        using var group = reader.OpenRowGroupReader(index);
        var rows = checked((int)group.RowCount);
        var columns = new Array[wanted.Count];
        foreach (var (c, column) in wanted.Index())
        {
            try
            {
                columns[c] = await schema.Codecs[column].ReadAsync(group, reader.Schema, rows, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidInputException(
                    $"{path}: column '{schema.Columns[column].Name}' cannot be read ({e.Message}); 'lmmrec verify' says whether the file is damaged; then run the stage again", e);
            }
        }
        return (columns, rows);
    }

    private static async Task<ParquetReader> OpenAsync<TRow>(string path, RowSchema<TRow> schema, CancellationToken cancellation)
    {
        ParquetReader reader;
        try
        {
            reader = await ParquetReader.CreateAsync(path, Options(schema), cancellation);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ParquetException)
        {
            throw new InvalidInputException($"{path}: cannot be read as Parquet ({e.Message}); run the stage that writes it again", e);
        }
        var found = reader.Schema.Fields.Select(f => f.Name).ToHashSet();
        var missing = schema.Parquet.Fields.Where(f => !found.Contains(f.Name)).Select(f => f.Name).ToList();
        if (missing.Count == 0) return reader;
        await reader.DisposeAsync();
        throw new InvalidInputException(
            $"{path}: table '{schema.Table.Name}' lacks the column(s) {string.Join(", ", missing)}; it was written by another version, run its stage again");
    }

    // A row group of images or vectors is large; without these bounds the pools keep the largest ever asked for.
    private static ParquetOptions Options<TRow>(RowSchema<TRow> schema)
    {
        var options = new ParquetOptions
        {
            CompressionMethod = schema.Codecs.All(c => c.Compresses) ? CompressionMethod.Zstd : CompressionMethod.None,
            CompressionLevel = CompressionLevel.Fastest, // the library's default takes thirty times as long
            MaximumSmallPoolFreeBytes = 16 << 20,
            MaximumLargePoolFreeBytes = 64 << 20,
        };
        foreach (var codec in schema.Codecs.Where(c => c.Hint != EncodingHint.Default))
            options.ColumnEncodingHints[codec.Leaf(schema.Parquet).Path.ToString()] = codec.Hint;
        return options;
    }
}
