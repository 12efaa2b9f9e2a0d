namespace LmmRec.Evaluate.Cases;

/// <summary>Users or items with about as many interactions in training.</summary>
/// <param name="First">fewest interactions of one</param>
/// <param name="Last">most interactions of one</param>
/// <param name="Positions">positions in the list that was split, ascending</param>
internal sealed record CountGroup(int First, int Last, IReadOnlyList<int> Positions)
{
    /// <summary>Groups into which users and items are split, at most.</summary>
    public const int Most = 4;

    /// <summary>The range as names have it: <c>4-6</c>, or <c>5</c>.</summary>
    public string Range => First == Last ? $"{First}" : $"{First}-{Last}";

    /// <summary>Splits into at most <see cref="Most"/> groups of about the same size; those with the same number of interactions stay together.</summary>
    /// <param name="counts">interactions of each</param>
    public static IReadOnlyList<CountGroup> Split(IReadOnlyList<int> counts)
    {
        var groups = new List<CountGroup>();
        var open = new List<IGrouping<int, int>>();
        var seen = 0;
        foreach (var alike in counts.Index().GroupBy(count => count.Item, count => count.Index).OrderBy(alike => alike.Key))
        {
            open.Add(alike);
            seen += alike.Count();
            // A group ends where its share of all is reached; what is left belongs to the last one.
            if (seen < counts.Count && (long)seen * Most < (long)counts.Count * (groups.Count + 1)) continue;
            groups.Add(new CountGroup(open[0].Key, open[^1].Key, [.. open.SelectMany(positions => positions).Order()]));
            open.Clear();
        }
        return groups;
    }
}
