using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>What an ingest artifact says of users, items and splits.</summary>
internal sealed class HeldOutData
{
    private readonly Dictionary<string, ItemSets> _splits;

    private HeldOutData(Manifest manifest, IdIndex users, IdIndex items, IReadOnlyList<ItemRow> catalogue, Dictionary<string, ItemSets> splits) =>
        (Manifest, Users, Items, Catalogue, _splits) = (manifest, users, items, catalogue, splits);

    public Manifest Manifest { get; }

    public IdIndex Users { get; }

    public IdIndex Items { get; }

    public IReadOnlyList<ItemRow> Catalogue { get; }

    /// <summary>Pairs of user and item in all splits.</summary>
    public int Interactions => _splits.Values.Sum(split => split.Count);

    /// <summary>The items of each user in one of <see cref="Splits"/>.</summary>
    public ItemSets this[string split] => _splits[split];

    /// <summary>Reads the tables users, items and interactions of an ingest artifact.</summary>
    /// <exception cref="InvalidInputException">A table is missing or broken, or an interaction names an unknown user, item or split.</exception>
    public static async Task<HeldOutData> ReadAsync(string folder, CancellationToken cancellation)
    {
        var users = new IdIndex("user", folder);
        await foreach (var row in TableFile.StreamFolderAsync<UserRow>(folder, cancellation: cancellation)) users.Add(row.UserId);
        var items = new IdIndex("item", folder);
        var catalogue = new List<ItemRow>();
        await foreach (var row in TableFile.StreamFolderAsync<ItemRow>(folder, cancellation: cancellation))
        {
            items.Add(row.ItemId);
            catalogue.Add(row);
        }
        var pairs = new[] { Splits.Train, Splits.Validation, Splits.Test }.ToDictionary(split => split, _ => new List<(int, int)>());
        await foreach (var row in TableFile.StreamFolderAsync<InteractionRow>(folder, cancellation: cancellation))
        {
            if (!pairs.TryGetValue(row.Split, out var split))
                throw new InvalidInputException(
                    $"{folder}: interactions hold the split '{row.Split}'; allowed: {string.Join(", ", pairs.Keys)}; run ingest again");
            split.Add((users[row.UserId], items[row.ItemId]));
        }
        return new HeldOutData(Manifest.Read(folder), users, items, catalogue,
            pairs.ToDictionary(p => p.Key, p => ItemSets.Of(users.Count, items.Count, p.Value)));
    }
}
