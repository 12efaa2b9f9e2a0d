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
    /// <param name="fold">0: the first that are drawn; n: those that are drawn after the n folds before, none of which is held out again</param>
    /// <param name="random">draws</param>
    /// <returns>Indices of pairs, ascending.</returns>
    public static (int[] Training, int[] HeldOut) HoldOut(IReadOnlyList<Pair> pairs, double share, int fold, SeededRandom random)
    {
        var folds = new int?[pairs.Count];
        var clusters = Clusters(pairs, random);
        for (var at = 0; at <= fold; at++)
        {
            // Up to a boundary of all pairs, so that no rounding adds up and the last fold has what the others leave.
            var left = (int)Math.Round((at + 1) * share * pairs.Count) - (int)Math.Round(at * share * pairs.Count);
            foreach (var cluster in clusters.Where(cluster => folds[cluster[0]] is null && cluster.Count <= left))
            {
                left -= cluster.Count;
                foreach (var pair in cluster) folds[pair] = at;
            }
        }
        var all = Enumerable.Range(0, pairs.Count).ToLookup(pair => folds[pair] == fold);
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
