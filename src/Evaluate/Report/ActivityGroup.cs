namespace LmmRec.Evaluate.Report;

/// <summary>Users with about as many training items.</summary>
/// <param name="Label">such as <c>4 to 6 training items</c></param>
/// <param name="Positions">positions of the users in the list that was split</param>
internal sealed record ActivityGroup(string Label, IReadOnlyList<int> Positions)
{
    /// <summary>Splits users into at most <paramref name="most"/> groups of about the same size; users with the same number of items stay together.</summary>
    /// <param name="counts">training items of each user</param>
    /// <param name="most">largest number of groups</param>
    public static IReadOnlyList<ActivityGroup> Split(IReadOnlyList<int> counts, int most)
    {
        var groups = new List<ActivityGroup>();
        var byCount = counts.Index().GroupBy(user => user.Item, user => user.Index).OrderBy(users => users.Key).ToList();
        var open = new List<IGrouping<int, int>>();
        var seen = 0;
        foreach (var users in byCount)
        {
            open.Add(users);
            seen += users.Count();
            // A group ends where its share of all users is reached; what is left belongs to the last one.
            if (seen < counts.Count && (long)seen * most < (long)counts.Count * (groups.Count + 1)) continue;
            groups.Add(new ActivityGroup(LabelOf(open[0].Key, open[^1].Key), [.. open.SelectMany(positions => positions).Order()]));
            open.Clear();
        }
        return groups;
    }

    private static string LabelOf(int first, int last) =>
        first == last ? $"{first} training {(first == 1 ? "item" : "items")}" : $"{first} to {last} training items";
}
