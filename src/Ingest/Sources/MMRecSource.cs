using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>A folder in MMRec's layout: <c>&lt;name&gt;.inter</c> (docs/data.md#mmrec-folders).</summary>
/// <param name="folder">where it lies</param>
/// <param name="name">the data set's name</param>
/// <param name="given">whether its split is wanted</param>
internal sealed class MMRecSource(string folder, string name, bool given) : IDataSource
{
    // MMRec's ids are 0 … n − 1; a table of mostly unused ids is a table of something else.
    private const int MaxIdsPerRow = 100;

    public bool IdsAreIndices => true;

    /// <summary>The files that are read, by name.</summary>
    public static IReadOnlyDictionary<string, string> FilesOf(string folder, string name)
    {
        if (!Directory.Exists(folder)) throw new InvalidInputException($"{folder}: there is no such folder; --data names the folder of {name}.inter and its matrices");
        return new Dictionary<string, string> { [name + ".inter"] = Path.Combine(folder, name + ".inter") };
    }

    public Task<InteractionTable> ReadInteractionsAsync(IngestLog log, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, name + ".inter");
        var rows = new InteractionRows();
        var lines = new Dictionary<(int User, int Item), int>();
        foreach (var (row, line) in new InterFile(path, given, log).Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (!lines.TryAdd((row.User, row.Item), line))
                throw new InvalidInputException(
                    $"{path}, line {line}: user {row.User} and item {row.Item} were already in line {lines[(row.User, row.Item)]}; "
                    + "allowed is one row per user and item; remove one of the two");
            rows.Add(row);
        }
        if (rows.Count == 0) throw new InvalidInputException($"{path}: has no rows after its header; at least one interaction is needed");
        var users = Keys(path, "userID", rows.Max(r => r.User), rows.Count);
        var items = Keys(path, "itemID", rows.Max(r => r.Item), rows.Count);
        return Task.FromResult(new InteractionTable(users, items, rows));
    }

    public Task<IReadOnlyDictionary<string, ItemRecord>?> ReadCatalogueAsync(IReadOnlySet<string> keys, IngestLog log, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, ItemRecord>?>(null);

    /// <summary>The numbers up to <paramref name="largest"/> as keys, where the ids of a table are indices.</summary>
    internal static string[] Keys(string path, string column, int largest, int rows)
    {
        if (largest >= (long)MaxIdsPerRow * rows)
            throw new InvalidInputException(
                $"{path}: the largest {column} is {largest}, with {rows} rows in all; ids must be indices from 0 without large gaps; number them anew");
        return [.. Enumerable.Range(0, largest + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }
}
