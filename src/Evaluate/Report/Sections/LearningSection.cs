using System.Globalization;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Learning curves of the best cases: the metric that chose their epoch, and their loss. Nothing where nothing was trained.</summary>
internal static class LearningSection
{
    public static async Task<Html> OfAsync(Evaluation evaluation, CancellationToken cancellation)
    {
        var trained = evaluation.Cases.Where(c => c.ModelFolder is { } folder && Manifest.TryRead(folder) is not null && File.Exists(TableFile.PathOf<HistoryRow>(folder)) && File.Exists(TableFile.PathOf<TrialRow>(folder))).ToList();
        if (trained.Count == 0) return Html.If(evaluation.Cases.Any(c => c.ModelFolder is not null), $"""
            <p class="note">No curves: the models, which hold what was measured epoch by epoch, are not in this workspace.</p>
            """);
        var (chosen, loss) = (new List<Line>(), new List<Line>());
        foreach (var c in trained.Take(LinePlot.MostLines))
        {
            var rows = await TableFile.ReadAsync<HistoryRow>(TableFile.PathOf<HistoryRow>(c.ModelFolder!), cancellation);
            var facts = Manifest.Read(c.ModelFolder!).Facts;
            var setting = (await TableFile.ReadAsync<TrialRow>(TableFile.PathOf<TrialRow>(c.ModelFolder!), cancellation)).SingleOrDefault(trial => trial.Chosen)?.Setting;
            var its = rows.Where(row => row.Setting == setting).ToList();
            Add(chosen, its.Where(row => row.Decides), (int?)facts["bestEpoch"]);
            Add(loss, its.Where(row => row.Name == "loss"), null);

            void Add(List<Line> lines, IEnumerable<HistoryRow> points, int? marked)
            {
                var line = points.Select(row => ((double)row.Epoch, row.Value)).ToList();
                if (line.Count > 0) lines.Add(new Line(c.Case.Title, line, marked));
            }
        }
        var shown = trained.Count > LinePlot.MostLines ? string.Create(CultureInfo.InvariantCulture, $" The {LinePlot.MostLines} best of {trained.Count} trained cases.") : "";
        return Html.Of($"""
            {Figure("Validation by epoch", chosen, Html.Of($"""
                The metric of the validation split that chose the epoch{Names(trained)}; the dot is the epoch that was taken.{shown}
                """))}
            {Figure("Loss by epoch", loss.ConvertAll(Relative), Html.Of($"""
                The loss of the training, as a share of the first epoch's: losses of different recommenders do not compare.
                """))}
            """);
    }

    private static Html Figure(string what, List<Line> lines, Html caption) => lines.Count == 0 ? default : Frame.Figure(what, LinePlot.Of(what, "epoch", lines), caption);

    private static Line Relative(Line line) => line with { Points = [.. line.Points.Select(p => (p.X, line.Points[0].Y == 0 ? p.Y : p.Y / line.Points[0].Y))] };

    private static string Names(List<MeasuredCase> trained) => trained.Select(c => c.Case.ChosenBy).OfType<string>().Distinct().ToList() is [var name] ? $", {name}" : "";
}
