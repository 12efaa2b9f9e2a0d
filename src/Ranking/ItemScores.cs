using LmmRec.Ranking.Internals;

namespace LmmRec.Ranking;

/// <summary>Fills in the score of every item for one user. Called from several threads.</summary>
/// <param name="user">dense index of the user</param>
/// <param name="scores">takes them; all 0 before</param>
public delegate void ItemScores(int user, Span<float> scores);

/// <summary>Ranks by scores that are no product of two vectors, one user after the other: memory is that of one row of scores per thread.</summary>
public static class ScoreRanker
{
    /// <summary>The first items of each of <paramref name="who"/>; ties rank by item index.</summary>
    /// <param name="score">scores the items</param>
    /// <param name="items">number of items</param>
    /// <param name="masked">items that are not ranked, per user: the training items</param>
    /// <param name="who">indices of the users to rank for</param>
    /// <param name="k">items of a list; more than there are: all</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between users</param>
    public static RankedLists Rank(ItemScores score, int items, ItemSets masked, IReadOnlyList<int> who, int k, int threads, CancellationToken cancellation)
    {
        var lists = new RankedLists(who, k);
        var most = Math.Min(k, items);
        Parallel.For(0, who.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => (Row: new float[items], Top: new TopItems(most), Ranked: new int[most], Scores: new float[most]),
            (position, _, own) =>
            {
                Array.Clear(own.Row);
                score(who[position], own.Row);
                Ranker.Mask(own.Row, 0, masked[who[position]]);
                own.Top.Clear();
                own.Top.Add(own.Row, 0);
                var ranked = own.Top.CopyTo(own.Ranked, own.Scores);
                for (var r = 0; r < ranked; r++) lists.Add(position, own.Ranked[r], own.Scores[r]);
                return own;
            },
            _ => { });
        return lists;
    }
}
