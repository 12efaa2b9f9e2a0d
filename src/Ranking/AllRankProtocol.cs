namespace LmmRec.Ranking;

/// <summary>
/// The all-rank protocol (docs/evaluation.md#all-rank-protocol): every item is a candidate for every user, only the user's training items are
/// masked, and users without held-out items are skipped.
/// </summary>
public static class AllRankProtocol
{
    /// <summary>Measures two tables of vectors.</summary>
    /// <param name="users">vectors of all users</param>
    /// <param name="items">vectors of all items, of the same dimension</param>
    /// <param name="training">items to mask, per user</param>
    /// <param name="heldOut">items to find, per user: those of the validation or of the test split; one without a vector is not found</param>
    /// <param name="metrics">what to measure</param>
    /// <param name="cutoffs">values of K, each at least 1; a K above the number of items is measured on the whole ranking</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks of users</param>
    /// <exception cref="InvalidVectorException">A vector holds NaN, infinity or a value so large that a score would be infinite.</exception>
    public static UserMetrics Measure(
        Vectors users, Vectors items, ItemSets training, ItemSets heldOut,
        IReadOnlyList<RankingMetric> metrics, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        var measured = new UserMetrics(heldOut.UsersWithItems(), metrics, cutoffs);
        using var ranker = new Ranker(items);
        ranker.Rank(users, measured.Users, training, Math.Min(cutoffs.Max(), items.Count), threads,
            (position, ranked, _) => measured.Set(position, ranked, heldOut[measured.Users[position]]), cancellation);
        return measured;
    }

    /// <summary>The first items of each of <paramref name="who"/>, to be measured in several ways.</summary>
    /// <param name="users">vectors of all users</param>
    /// <param name="items">vectors of all items, of the same dimension</param>
    /// <param name="training">items to mask, per user</param>
    /// <param name="who">indices of the users to rank for</param>
    /// <param name="k">items of a list; more than there are: all</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks of users</param>
    /// <param name="numbers">what the lists call each item, where that is not its index</param>
    /// <inheritdoc cref="Measure" path="/exception"/>
    public static RankedLists Rank(
        Vectors users, Vectors items, ItemSets training, IReadOnlyList<int> who, int k, int threads, CancellationToken cancellation, int[]? numbers = null)
    {
        var lists = new RankedLists(who, k);
        using var ranker = new Ranker(items);
        ranker.Rank(users, who, training, Math.Min(k, items.Count), threads, (position, ranked, scores) =>
        {
            for (var r = 0; r < ranked.Length; r++) lists.Add(position, numbers?[ranked[r]] ?? ranked[r], scores[r]);
        }, cancellation);
        return lists;
    }
}
