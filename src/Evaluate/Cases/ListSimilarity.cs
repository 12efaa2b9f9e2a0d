using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>
/// How alike the items of a list are: the mean over its pairs of the cosine of who has the two in training, which is the same for every case and needs no
/// features. The squared length of the sum of the items' unit vectors is the number of items and twice the sum over pairs, so no pair is looked at.
/// </summary>
internal sealed class ListSimilarity
{
    private readonly ItemSets _users; // by item who has it in training

    /// <param name="data">for the training split</param>
    public ListSimilarity(HeldOutData data) =>
        _users = ItemSets.Of(data.Items.Count, data.Users.Count, data[Splits.Train].Pairs().Select(pair => (pair.Item, pair.User)));

    /// <summary>One value per cut-off; NaN where a list has no pair.</summary>
    /// <param name="items">the list; one that nobody has in training is like none</param>
    /// <param name="cutoffs">values of K, ascending</param>
    /// <param name="sum">a 0 per user; as it was afterwards</param>
    public double[] Of(ReadOnlySpan<int> items, IReadOnlyList<int> cutoffs, double[] sum)
    {
        var values = new double[cutoffs.Count];
        var (c, pairs) = (0, 0.0);
        for (var n = 0; n < items.Length && c < cutoffs.Count; n++)
        {
            var weight = 1 / Math.Sqrt(_users[items[n]].Length);
            foreach (var user in _users[items[n]])
            {
                pairs += weight * sum[user];
                sum[user] += weight;
            }
            if (n + 1 == cutoffs[c]) values[c++] = Mean(n + 1);
        }
        for (; c < cutoffs.Count; c++) values[c] = Mean(items.Length);
        foreach (var item in items)
            foreach (var user in _users[item]) sum[user] = 0;
        return values;

        double Mean(int length) => length < 2 ? double.NaN : pairs / (length * (length - 1) / 2.0);
    }
}
