using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>Held-out items that have rows of metrics of their own (docs/evaluation.md#groups). All items compete for them, whatever the group.</summary>
/// <param name="Name">as in the table of metrics</param>
/// <param name="HeldOut">the items to find, per user; those who have none are in the group of nobody</param>
internal sealed record MetricGroup(string Name, ItemSets HeldOut)
{
    /// <summary>All held-out items of a split.</summary>
    public const string All = "all";

    /// <summary>Items that nobody met in training.</summary>
    public const string ColdItems = "cold-items";

    /// <summary>Users who have nothing in training.</summary>
    public const string ColdUsers = "cold-users";

    /// <summary>The groups of the test split that hold something, all held-out items first.</summary>
    public static IReadOnlyList<MetricGroup> Of(HeldOutData data)
    {
        var (test, activity) = (data[Splits.Test], new int[data.Users.Count]);
        for (var user = 0; user < activity.Length; user++) activity[user] = data[Splits.Train][user].Length;
        int[] users = [.. test.UsersWithItems().Where(user => activity[user] > 0)];
        int[] items = [.. Enumerable.Range(0, data.Items.Count).Where(item => data.Popularity[item] > 0)];
        var groups = new List<MetricGroup>
        {
            new(All, test),
            Where(ColdItems, pair => data.Popularity[pair.Item] == 0),
            Where(ColdUsers, pair => activity[pair.User] == 0),
        };
        groups.AddRange(CountGroup.Split([.. users.Select(user => activity[user])])
            .Select(group => Where($"activity-{group.Range}", pair => activity[pair.User] >= group.First && activity[pair.User] <= group.Last)));
        groups.AddRange(CountGroup.Split([.. items.Select(item => data.Popularity[item])])
            .Select(group => Where($"popularity-{group.Range}", pair => data.Popularity[pair.Item] >= group.First && data.Popularity[pair.Item] <= group.Last)));
        return [.. groups.Where(group => group.HeldOut.Count > 0)];

        MetricGroup Where(string name, Func<(int User, int Item), bool> counts) =>
            new(name, ItemSets.Of(data.Users.Count, data.Items.Count, test.Pairs().Where(counts)));
    }
}
