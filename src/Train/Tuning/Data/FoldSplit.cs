using LmmRec.Artifacts;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// Parts pairs into such that are trained on and such that are held out. Pairs with the same picture or the same text, directly or by way of others, are
/// never parted: what is held out was not seen.
/// </summary>
internal static class FoldSplit
{
    /// <summary>Draws what is held out: the nearest whole number of pairs to <paramref name="share"/> of all, fewer where pairs that belong together are more than fit.</summary>
    /// <param name="pairs">all pairs</param>
    /// <param name="share">0 … 1</param>
    /// <param name="random">draws</param>
    /// <returns>Indices of pairs, ascending.</returns>
    public static (int[] Training, int[] HeldOut) HoldOut(IReadOnlyList<Pair> pairs, double share, SeededRandom random)
    {
        var left = (int)Math.Round(share * pairs.Count);
        var isHeldOut = new bool[pairs.Count];
        foreach (var cluster in Clusters(pairs, random).Where(cluster => cluster.Count <= left))
        {
            left -= cluster.Count;
            foreach (var pair in cluster) isHeldOut[pair] = true;
        }
        var all = Enumerable.Range(0, pairs.Count).ToLookup(pair => isHeldOut[pair]);
        return ([.. all[false]], [.. all[true]]);
    }

    // Pairs that belong together, in a drawn order.
    private static List<int>[] Clusters(IReadOnlyList<Pair> pairs, SeededRandom random)
    {
        var parents = Enumerable.Range(0, pairs.Count).ToArray();
        Dictionary<UInt128, int> pictures = [], texts = [];
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            Join(pictures, pairs[pair].Picture, pair);
            Join(texts, pairs[pair].Text, pair);
        }
        List<int>[] clusters = [.. Enumerable.Range(0, pairs.Count).GroupBy(Root).Select(cluster => cluster.ToList())];
        random.Shuffle<List<int>>(clusters);
        return clusters;

        void Join(Dictionary<UInt128, int> firsts, UInt128 content, int pair)
        {
            if (!firsts.TryAdd(content, pair)) parents[Root(pair)] = Root(firsts[content]);
        }

        int Root(int pair)
        {
            while (parents[pair] != pair) pair = parents[pair] = parents[parents[pair]];
            return pair;
        }
    }
}
