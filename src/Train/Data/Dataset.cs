using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Train.Data;

/// <summary>A user and an item that the user interacted with.</summary>
public readonly record struct Interaction(int User, int Item);

/// <summary>
/// The interactions of one ingest artifact as training needs them (spec data-and-evaluation 3.3): positives, adjacency and negatives come
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

    /// <summary>Reads the tables users, items and interactions of <paramref name="ingest"/>.</summary>
    /// <exception cref="InvalidInputException">A table is missing or there is nothing to train on.</exception>
    public static async Task<Dataset> ReadAsync(string ingest, CancellationToken cancellation)
    {
        var users = await TableFile.ReadAsync<UserRow>(TableFile.PathOf<UserRow>(ingest), cancellation);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(ingest), cancellation);
        Check(users.Select(u => u.User), "users", ingest);
        Check(items.Select(i => i.Item), "items", ingest);
        List<Interaction> train = [], validation = [];
        await foreach (var row in TableFile.StreamAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(ingest), cancellation))
        {
            if (row.User < 0 || row.User >= users.Count || row.Item < 0 || row.Item >= items.Count)
                throw new InvalidInputException($"{ingest}: an interaction names user {row.User} and item {row.Item}; there are {users.Count} users and {items.Count} items: run ingest again");
            var pair = new Interaction(row.User, row.Item);
            switch (row.Split)
            {
                case Splits.Train: train.Add(pair); break;
                case Splits.Validation: validation.Add(pair); break;
                case Splits.Test: break;
                default: throw new InvalidInputException($"{ingest}: an interaction is in split '{row.Split}'; allowed: {Splits.Train}, {Splits.Validation}, {Splits.Test}: run ingest again");
            }
        }
        var data = From([.. users.Select(u => u.UserId)], [.. items.Select(i => i.ItemId)], train, validation);
        if (data.Positives.Length == 0)
            throw new InvalidInputException(train.Count == 0
                ? $"{ingest}: the training split is empty, so there is nothing to train on; the split must give it some interactions"
                : $"{ingest}: every user in the training split has seen every item that occurs in it ({data.Candidates.Length}), so no negative can be drawn");
        if (validation.Count == 0)
            throw new InvalidInputException($"{ingest}: the validation split is empty (rows of users without training rows are dropped from it, see the manifest); models are chosen on it, so the split must give it some interactions");
        return data;
    }

    private static void Check(IEnumerable<int> indices, string table, string ingest)
    {
        foreach (var (row, index) in indices.Index())
            if (row != index) throw new InvalidInputException($"{ingest}: row {row} of the table {table} has the index {index}; rows must stand in index order: run ingest again");
    }
}
