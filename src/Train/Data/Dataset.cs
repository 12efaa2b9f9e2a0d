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
    private Dataset(string[] userIds, string[] itemIds, IReadOnlyList<Interaction> train, IReadOnlyList<Interaction> validation)
    {
        UserIds = userIds;
        ItemIds = itemIds;
        TrainItems = ItemSets.Of(userIds.Length, itemIds.Length, train.Select(p => (p.User, p.Item)));
        ValidationItems = ItemSets.Of(userIds.Length, itemIds.Length, validation.Select(p => (p.User, p.Item)));
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

    /// <summary>The validation items of each user, ascending.</summary>
    public ItemSets ValidationItems { get; }

    /// <summary>Training pairs, in the order of the table, less those of users for whom no negative exists.</summary>
    public Interaction[] Positives { get; }

    /// <summary>Items that occur in training, ascending: what negatives are drawn from.</summary>
    public int[] Candidates { get; }

    /// <summary>Users who interacted with every candidate; they have no negative, so their pairs are not trained on.</summary>
    public int UsersWithEverythingSeen { get; }

    /// <summary>Makes a data set from pairs; for data that is not in an artifact.</summary>
    public static Dataset From(string[] userIds, string[] itemIds, IReadOnlyList<Interaction> train, IReadOnlyList<Interaction> validation) =>
        new(userIds, itemIds, train, validation);

    /// <summary>Reads the tables users, items and interactions of <paramref name="ingest"/>.</summary>
    /// <exception cref="InvalidInputException">A table is missing or there is nothing to train on.</exception>
    public static async Task<Dataset> ReadAsync(string ingest, CancellationToken cancellation)
    {
        var users = await TableFile.ReadAsync<UserRow>(TableFile.PathOf<UserRow>(ingest), cancellation);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(ingest), cancellation);
        List<Interaction> train = [], validation = [];
        await foreach (var row in TableFile.StreamAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(ingest), cancellation))
        {
            var pair = new Interaction(row.User, row.Item);
            if (row.Split == Splits.Train) train.Add(pair);
            else if (row.Split == Splits.Validation) validation.Add(pair);
        }
        var data = new Dataset([.. users.Select(u => u.UserId)], [.. items.Select(i => i.ItemId)], train, validation);
        if (data.Positives.Length == 0)
            throw new InvalidInputException($"{ingest}: no interaction to train on: the training split has {train.Count} rows, and every user in it has seen every item");
        if (validation.Count == 0)
            throw new InvalidInputException($"{ingest}: the validation split is empty; models are chosen on it, so the split must give it some interactions");
        return data;
    }
}
