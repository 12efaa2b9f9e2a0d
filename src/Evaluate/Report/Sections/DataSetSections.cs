using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Items;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>What the page says of one data set, in order.</summary>
/// <param name="Sections">those that have nothing to say among them</param>
/// <param name="Pictures">definitions of the small pictures that they show</param>
internal sealed record DataSetSections(IReadOnlyList<Section> Sections, Html Pictures)
{
    // All small pictures of a page, before they are written as text, so that it stays below 5 MB.
    private const int PictureBytes = 2 << 20;

    /// <param name="evaluation">what was measured of it</param>
    /// <param name="costs">what steps took</param>
    /// <param name="place">its place in the page, 0-based</param>
    /// <param name="of">how many data sets share the page</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<DataSetSections> OfAsync(Evaluation evaluation, Costs costs, int place, int of, CancellationToken cancellation)
    {
        var (cases, main) = (evaluation.Cases, MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff));
        var gallery = await ItemGallery.ReadAsync(evaluation, PictureBytes / of, $"p{place}-", cancellation);
        return new DataSetSections(
            [
                new("What the numbers mean", place == 0 ? MeaningSection.Of(evaluation) : default),
                new("Results", Results(evaluation, main)),
                new("How sure the means are", Frame.Figure("Means and confidence intervals", IntervalPlot.Of(cases), Html.Of($"""
                    Means with 95 % confidence intervals over users{ReportPage.Shown(cases, IntervalPlot.MostCases)}.
                    {Html.If(evaluation.Tests.Count > 0, $"""
                        All cases share their users, so means whose intervals overlap can still differ significantly: the tests say so.
                        """)}
                    """))),
                new("Mean ranks", RankSection.Of(evaluation)),
                new("Differences between cases", TestTable.Of(evaluation)),
                new("User by user", UserSection.Of(evaluation)),
                new("Spread over seeds", SeedSection.Of(evaluation)),
                new("Do the models use the features?", ControlSection.Of(evaluation)),
                new("Recall by length of the list", await CurveSection.OfAsync(evaluation, cancellation)),
                new("By activity of the users", Frame.Figure($"{main} by activity", ActivityPlot.Of(evaluation.Data, cases, Evaluation.MainMetric, evaluation.MainCutoff),
                    Html.Of($"{main} by how many training items a user has, with 95 % confidence intervals{ReportPage.Shown(cases, ActivityPlot.MostCases)}."))),
                new("Groups of users and items", GroupSection.Of(evaluation)),
                new("Items that nobody met in training", ColdSection.Of(cases)),
                new("Further metrics", FurtherMetrics.Of(cases)),
                new("Learning curves", await LearningSection.OfAsync(evaluation, cancellation)),
                new("Map of the item vectors", ItemSections.Maps(gallery)),
                new("Nearest items", ItemSections.Nearest(evaluation, gallery)),
                new("Time and memory", CostSection.Of(evaluation, costs)),
                new("Failures by cause", await FailureSection.OfAsync(evaluation, cancellation)),
                new("Data", DataSection.Of(evaluation.Data)),
                new("How the numbers were made", MethodSection.Of(evaluation)),
                new("Manifest", ManifestSection.Of(evaluation)),
            ],
            gallery.Pictures.Definitions);
    }

    private static Html Results(Evaluation evaluation, string main) => Html.Of($"""
        {ResultTable.Of(evaluation)}
        <p class="note">Test split, means over {evaluation.Cases[0].Test.Users.Count:N0} users. Ordered by {main}; <b>bold</b>: best of the column.
        {Html.If(evaluation.Tests.Count > 0, $"""
            p: paired t-test against the best of the column, adjusted for all pairs of cases; <span class="mark">*</span> significantly below it.
            """)}
        {Html.If(ResultTable.HasLetters(evaluation), $"""
            Raised letters: the cases that a case is significantly better than.
            """)}</p>
        """);
}
