using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>What lists are like apart from their hits (docs/evaluation.md#beyond-accuracy). All of it follows from the lists and the training split.</summary>
internal static class BeyondAccuracy
{
    /// <summary>One value per metric and cut-off; none where no list is long enough to have it.</summary>
    /// <param name="lists">what was recommended, to users in ascending order</param>
    /// <param name="data">users, items and the training split</param>
    /// <param name="cutoffs">values of K, ascending</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between users</param>
    public static IReadOnlyList<(string Metric, int Cutoff, int Users, double Value)> Of(
        RankedLists lists, HeldOutData data, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        var similarity = new ListSimilarity(data);
        var values = new List<(string, int, int, double)>();
        int[] filled = [.. Enumerable.Range(0, lists.Users.Count).Where(position => lists[position].Length > 0)];
        if (filled.Length == 0) return [];
        var similarities = new double[filled.Length][]; // [users][cutoffs]
        Parallel.For(0, filled.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation },
            () => new double[data.Users.Count],
            (i, _, scratch) =>
            {
                similarities[i] = similarity.Of(lists[filled[i]], cutoffs, scratch);
                return scratch;
            },
            _ => { });
        foreach (var (c, cutoff) in cutoffs.Index())
        {
            var times = new int[data.Items.Count];
            var (novelty, recommended, had) = (0.0, 0.0, 0.0);
            foreach (var position in filled)
            {
                var list = lists[position][..Math.Min(cutoff, lists[position].Length)];
                var (information, popularity) = (0.0, 0.0);
                foreach (var item in list)
                {
                    times[item]++;
                    information -= Math.Log2(Math.Max(1, data.Popularity[item]) / (double)data.Users.Count);
                    popularity += data.Popularity[item];
                }
                novelty += information / list.Length;
                var own = data[Splits.Train][lists.Users[position]];
                if (own.Length == 0) continue;
                recommended += popularity / list.Length;
                had += own.ToArray().Average(item => (double)data.Popularity[item]);
            }
            values.Add(("coverage", cutoff, filled.Length, times.Count(n => n > 0) / (double)times.Length));
            values.Add(("gini", cutoff, filled.Length, Gini(times)));
            values.Add(("novelty", cutoff, filled.Length, novelty / filled.Length));
            if (had > 0) values.Add(("popularity", cutoff, filled.Count(position => data[Splits.Train][lists.Users[position]].Length > 0), recommended / had));
            var pairs = similarities.Select(user => user[c]).Where(value => !double.IsNaN(value)).ToList();
            if (pairs.Count > 0) values.Add(("intra_list", cutoff, pairs.Count, pairs.Average()));
        }
        return values;
    }

    /// <summary>Gini's coefficient of how often each item is recommended: 0 where all are as often, near 1 where one is always.</summary>
    internal static double Gini(int[] times)
    {
        var (weighted, sum) = (0.0, 0.0);
        foreach (var (i, count) in times.Order().Index())
        {
            weighted += (2.0 * (i + 1) - times.Length - 1) * count;
            sum += count;
        }
        return weighted / (times.Length * sum);
    }
}
