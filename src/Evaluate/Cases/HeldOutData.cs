using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>What an ingest artifact says of users, items and splits.</summary>
internal sealed class HeldOutData
{
    private readonly Dictionary<string, ItemSets> _splits;

    private HeldOutData(Manifest manifest, IdIndex users, IdIndex items, IReadOnlyList<ItemRow> catalogue, Dictionary<string, ItemSets> splits)
    {
        (Manifest, Users, Items, Catalogue, _splits) = (manifest, users, items, catalogue, splits);
        var popularity = new int[items.Count];
        foreach (var (_, item) in this[Splits.Train].Pairs()) popularity[item]++;
        Popularity = popularity;
    }

    public Manifest Manifest { get; }

    public IdIndex Users { get; }

    public IdIndex Items { get; }

    public IReadOnlyList<ItemRow> Catalogue { get; }

    /// <summary>Pairs of user and item in all splits.</summary>
    public int Interactions => _splits.Values.Sum(split => split.Count);

    /// <summary>The items of each user in one of <see cref="Splits"/>.</summary>
    public ItemSets this[string split] => _splits[split];

    /// <summary>How many users have each item in the training split.</summary>
    public IReadOnlyList<int> Popularity { get; }

    /// <summary>Reads the tables of an ingest artifact.</summary>
    /// <inheritdoc cref="IngestTables.ReadAsync" path="/exception"/>
    public static async Task<HeldOutData> ReadAsync(string folder, CancellationToken cancellation)
    {
        var tables = await IngestTables.ReadAsync(folder, cancellation);
        var (users, items) = (new IdIndex("user", folder, tables.UserIds), new IdIndex("item", folder, [.. tables.Items.Select(item => item.ItemId)]));
        return new HeldOutData(Manifest.Read(folder), users, items, tables.Items,
            new[] { Splits.Train, Splits.Validation, Splits.Test }.ToDictionary(split => split, split => ItemSets.Of(users.Count, items.Count, tables[split])));
    }
}
