using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Train.Data;

/// <summary>A user and an item that the user interacted with.</summary>
public readonly record struct Interaction(int User, int Item);

/// <summary>
/// The interactions of one ingest artifact as training needs them (docs/data.md#cold-users-and-items): positives, adjacency and negatives come
/// from the training split alone.
/// </summary>
public sealed class Dataset
{
    private readonly IReadOnlyList<Interaction> _train;

    private Dataset(string[] userIds, string[] itemIds, IReadOnlyList<Interaction> train, ItemSets validation)
    {
        UserIds = userIds;
        ItemIds = itemIds;
        _train = train;
        TrainItems = ItemSets.Of(userIds.Length, itemIds.Length, train.Select(p => (p.User, p.Item)));
        ValidationItems = validation;
        Candidates = [.. train.Select(p => p.Item).Distinct().Order()];
        Positives = [.. train.Where(p => TrainItems[p.User].Length < Candidates.Length)];
        UsersWithEverythingSeen = Enumerable.Range(0, userIds.Length).Count(u => TrainItems[u].Length == Candidates.Length);
    }

    /// <summary>The shop's own id of each user, by dense index; its length is U.</summary>
    public string[] UserIds { get; }

    /// <summary>The shop's own id of each item, by dense index; its length is I.</summary>
    public string[] ItemIds { get; }

    public int Users => UserIds.Length;

    public int Items => ItemIds.Length;

    /// <summary>The training items of each user, ascending.</summary>
    public ItemSets TrainItems { get; }

    /// <summary>The validation items of each user, ascending; items that were dropped are numbered after all others.</summary>
    public ItemSets ValidationItems { get; }

    /// <summary>Training pairs, in the order of the table, less those of users for whom no negative exists.</summary>
    public Interaction[] Positives { get; }

    /// <summary>Items that occur in training, ascending: what negatives are drawn from.</summary>
    public int[] Candidates { get; }

    /// <summary>Users who interacted with every candidate; they have no negative, so their pairs are not trained on.</summary>
    public int UsersWithEverythingSeen { get; }

    /// <summary>Makes a data set from pairs; for data that is not in an artifact.</summary>
    public static Dataset From(string[] userIds, string[] itemIds, IReadOnlyList<Interaction> train, IReadOnlyList<Interaction> validation) =>
        new(userIds, itemIds, train, ItemSets.Of(userIds.Length, itemIds.Length, validation.Select(p => (p.User, p.Item))));

    /// <summary>
    /// The same data as if it had only the items that are <paramref name="kept"/>, numbered anew: the others are neither positives nor negatives
    /// nor in a graph. Users stay. Validation interactions with the others stay too and count as not found, so that values remain comparable.
    /// </summary>
    /// <exception cref="InvalidInputException">Nothing is left to train on.</exception>
    public Dataset Keeping(IReadOnlyList<bool> kept)
    {
        int[] items = [.. Enumerable.Range(0, Items).Where(item => kept[item])];
        string[] ids = [.. items.Select(item => ItemIds[item])];
        // Not from the sets of items: every row of the table is a positive, in the table's order, as without dropping.
        var train = _train.Where(pair => kept[pair.Item]).Select(pair => pair with { Item = Array.BinarySearch(items, pair.Item) });
        var data = new Dataset(UserIds, ids, [.. train], ValidationItems.Renumbered(kept));
        return data.Positives.Length > 0 ? data : throw new InvalidInputException(
            $"train.missing: drop leaves {ids.Length} of {Items} items and no training interaction that a negative can be drawn for; use mean or zero, or features of more items");
    }

    /// <summary>Reads the tables of <paramref name="ingest"/>.</summary>
    /// <exception cref="InvalidInputException">A table is missing or broken, or there is nothing to train on.</exception>
    public static async Task<Dataset> ReadAsync(string ingest, CancellationToken cancellation)
    {
        var tables = await IngestTables.ReadAsync(ingest, cancellation);
        Interaction[] Pairs(string split) => [.. tables[split].Select(pair => new Interaction(pair.User, pair.Item))];
        var data = From(tables.UserIds, [.. tables.Items.Select(i => i.ItemId)], Pairs(Splits.Train), Pairs(Splits.Validation));
        if (data.Positives.Length == 0)
            throw new InvalidInputException(tables[Splits.Train].Count == 0
                ? $"{ingest}: the training split is empty, so there is nothing to train on; the split must give it some interactions"
                : $"{ingest}: every user in the training split has seen every item that occurs in it ({data.Candidates.Length}), so no negative can be drawn");
        if (tables[Splits.Validation].Count == 0)
            throw new InvalidInputException($"{ingest}: the validation split is empty (rows of users without training rows are dropped from it, see the manifest); models are chosen on it, so the split must give it some interactions");
        return data;
    }
}
