using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>The table of per-user metrics: written whole, read by the columns that are compared.</summary>
internal static class PerUser
{
    private static readonly string[] Columns = [.. TableFile.Columns<PerUserRow>().Select(column => column.Name)];

    /// <summary>The rows of a case.</summary>
    /// <param name="name">name of the case</param>
    /// <param name="data">for the users' own ids</param>
    /// <param name="test">all metrics at all cut-offs</param>
    /// <param name="cutoffs">these cut-offs</param>
    public static IEnumerable<PerUserRow> Rows(string name, HeldOutData data, UserMetrics test, IReadOnlyList<int> cutoffs)
    {
        foreach (var cutoff in cutoffs)
        {
            var (recall, ndcg, precision) = (test[RankingMetric.Recall, cutoff], test[RankingMetric.Ndcg, cutoff], test[RankingMetric.Precision, cutoff]);
            var (map, mrr, hit) = (test[RankingMetric.Map, cutoff], test[RankingMetric.Mrr, cutoff], test[RankingMetric.Hit, cutoff]);
            foreach (var (u, user) in test.Users.Index())
                yield return new PerUserRow(name, cutoff, user, data.Users.Ids[user], recall[u], ndcg[u], precision[u], map[u], mrr[u], hit[u]);
        }
    }

    /// <summary>Reads the metrics that are compared; the others, and the own ids, stay in the file.</summary>
    /// <exception cref="InvalidInputException">The table is missing or broken, or holds other cut-offs.</exception>
    public static async Task<UserMetrics> ReadAsync(string folder, IReadOnlyList<int> cutoffs, CancellationToken cancellation)
    {
        RankingMetric[] metrics = [.. Enum.GetValues<RankingMetric>().Where(metric => metric.IsCompared())];
        int[] wanted = [Place("cutoff"), Place("user"), .. metrics.Select(metric => Place(metric.InTables()))];
        var users = new List<int>();
        var values = cutoffs.Select(_ => Array.ConvertAll(metrics, _ => new List<double>())).ToArray(); // [cutoffs][metrics][users]
        foreach (var group in await TableFile.GroupsAsync<PerUserRow>(folder, cancellation: cancellation))
        {
            var columns = await TableFile.ReadColumnsAsync<PerUserRow>(group, wanted, cancellation);
            var (ks, who) = ((int[])columns[0], (int[])columns[1]);
            for (var row = 0; row < group.Rows; row++)
            {
                var at = cutoffs.TakeWhile(cutoff => cutoff != ks[row]).Count();
                if (at == cutoffs.Count) throw new InvalidInputException($"{folder}: was measured at cut-off {ks[row]} and not at {string.Join(", ", cutoffs)} as evaluate.cutoffs says; run evaluate again");
                if (at == 0) users.Add(who[row]);
                for (var m = 0; m < metrics.Length; m++) values[at][m].Add(((double[])columns[2 + m])[row]);
            }
        }
        return new UserMetrics(users,
            [.. from metric in metrics from cutoff in cutoffs select (metric, cutoff)],
            [.. Enumerable.Range(0, metrics.Length).SelectMany(m => values.Select(v => v[m].ToArray()))]);
    }

    private static int Place(string column) => Array.IndexOf(Columns, column);
}
