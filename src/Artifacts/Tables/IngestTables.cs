namespace LmmRec.Artifacts.Tables;

/// <summary>Users, items and interactions of an ingest artifact, as training and evaluation read them: by dense index, and checked.</summary>
public sealed class IngestTables
{
    private readonly Dictionary<string, List<(int User, int Item)>> _pairs;

    private IngestTables(string[] userIds, IReadOnlyList<ItemRow> items, Dictionary<string, List<(int User, int Item)>> pairs) => (UserIds, Items, _pairs) = (userIds, items, pairs);

    /// <summary>The tables that are read.</summary>
    public static IReadOnlyList<string> Names { get; } = [TableFile.NameOf<InteractionRow>(), TableFile.NameOf<ItemRow>(), TableFile.NameOf<UserRow>()];

    /// <summary>The shop's own id of each user, by dense index.</summary>
    public string[] UserIds { get; }

    /// <summary>The items, by dense index.</summary>
    public IReadOnlyList<ItemRow> Items { get; }

    /// <summary>The interactions of one of <see cref="Splits"/>, in the order of the table.</summary>
    public IReadOnlyList<(int User, int Item)> this[string split] => _pairs[split];

    /// <summary>Reads the tables users, items and interactions of <paramref name="ingest"/>.</summary>
    /// <exception cref="InvalidInputException">
    /// A table is missing or broken, an index is not its row's, an id is there twice, or an interaction names an unknown user, item or split.
    /// </exception>
    public static async Task<IngestTables> ReadAsync(string ingest, CancellationToken cancellation)
    {
        var users = new List<UserRow>();
        await foreach (var row in TableFile.StreamFolderAsync<UserRow>(ingest, cancellation: cancellation)) users.Add(row);
        var items = new List<ItemRow>();
        await foreach (var row in TableFile.StreamFolderAsync<ItemRow>(ingest, cancellation: cancellation)) items.Add(row);
        Check(users.ConvertAll(u => (u.User, u.UserId)), "users", ingest);
        Check(items.ConvertAll(i => (i.Item, i.ItemId)), "items", ingest);
        string[] splits = [Splits.Train, Splits.Validation, Splits.Test];
        var pairs = splits.ToDictionary(split => split, _ => new List<(int, int)>());
        await foreach (var row in TableFile.StreamFolderAsync<InteractionRow>(ingest, cancellation: cancellation))
        {
            if (row.User < 0 || row.User >= users.Count || row.Item < 0 || row.Item >= items.Count)
                throw new InvalidInputException($"{ingest}: an interaction names user {row.User} and item {row.Item}; there are {users.Count} users and {items.Count} items: run ingest again");
            if (!pairs.TryGetValue(row.Split, out var split))
                throw new InvalidInputException($"{ingest}: an interaction is in split '{row.Split}'; allowed: {string.Join(", ", splits)}: run ingest again");
            split.Add((row.User, row.Item));
        }
        return new IngestTables([.. users.Select(u => u.UserId)], items, pairs);
    }

    private static void Check(List<(int Index, string Id)> rows, string table, string ingest)
    {
        var ids = new HashSet<string>(rows.Count, StringComparer.Ordinal);
        foreach (var (row, (index, id)) in rows.Index())
        {
            if (row != index) throw new InvalidInputException($"{ingest}: row {row} of the table {table} has the index {index}; rows must stand in index order: run ingest again");
            if (!ids.Add(id)) throw new InvalidInputException($"{ingest}: '{id}' is in the table {table} twice; run ingest again");
        }
    }
}
