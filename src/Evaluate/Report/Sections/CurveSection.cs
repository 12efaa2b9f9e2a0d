using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Recall of the best cases by the length of the list, from one item to the largest cut-off, of the tables of rankings.</summary>
internal static class CurveSection
{
    private static readonly string[] Columns = [.. TableFile.Columns<RankingRow>().Select(column => column.Name)];

    public static async Task<Html> OfAsync(Evaluation evaluation, CancellationToken cancellation)
    {
        var (lines, longest) = (new List<Line>(), evaluation.Options.Cutoffs.Max());
        foreach (var c in evaluation.Cases.Take(LinePlot.MostLines)) lines.Add(await LineAsync(evaluation, c, longest, cancellation));
        return longest < 2 ? default : Frame.Figure("Recall by length of the list", LinePlot.Of("Recall@K by K", "K, items recommended", lines), Html.Of($"""
            Recall@K for every K to {longest}{ReportPage.Shown(evaluation.Cases, LinePlot.MostLines)}. A case whose line lies below another's everywhere is worse however long the list.
            """));
    }

    private static async Task<Line> LineAsync(Evaluation evaluation, MeasuredCase measured, int longest, CancellationToken cancellation)
    {
        var test = evaluation.Data[Splits.Test];
        var found = new double[longest + 1]; // by rank, summed over users
        int[] wanted = [Place("user"), Place("rank"), Place("item")];
        foreach (var group in await TableFile.GroupsAsync<RankingRow>(measured.EvaluationFolder, cancellation: cancellation))
        {
            var columns = await TableFile.ReadColumnsAsync<RankingRow>(group, wanted, cancellation);
            var (users, ranks, items) = ((int[])columns[0], (int[])columns[1], (int[])columns[2]);
            for (var row = 0; row < users.Length; row++)
                if (ranks[row] <= longest && test[users[row]] is var hidden && hidden.BinarySearch(items[row]) >= 0) found[ranks[row]] += 1.0 / hidden.Length;
        }
        for (var rank = 1; rank <= longest; rank++) found[rank] += found[rank - 1];
        return new Line(measured.Case.Title, [.. Enumerable.Range(1, longest).Select(k => ((double)k, found[k] / measured.Test.Users.Count))]);
    }

    private static int Place(string name) => Array.IndexOf(Columns, name);
}
