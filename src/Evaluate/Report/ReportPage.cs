using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Paper;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report;

/// <summary>The report: one HTML page that needs no network and no script, light or dark as the reader's system is.</summary>
internal static class ReportPage
{
    public static string Of(Study study) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{string.Join("; ", study.DataSets.Select(evaluation => $"{evaluation.Dataset}: {Headline.Of(evaluation)}"))}</title>
        <style>
        {Style()}
        </style>
        </head>
        <body>
        <main>
        {study.DataSets.Select(Sections)}
        {PaperSection.Of(PaperTables.Of(study))}
        </main>
        </body>
        </html>

        """).Text;

    private static Html Sections(Evaluation evaluation)
    {
        var (cases, main) = (evaluation.Cases, MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff));
        return Html.Of($"""
            <header>
            <p class="eyebrow">lmmrec · evaluation of {evaluation.Dataset}</p>
            <h1>{Headline.Of(evaluation)}</h1>
            <p class="lede">{Headline.Below(evaluation)}</p>
            </header>
            <section><h2>What the numbers mean</h2>
            {MeaningSection.Of(evaluation)}
            </section>
            <section><h2>Results</h2>
            {ResultTable.Of(evaluation)}
            <p class="note">Test split, means over {cases[0].Test.Users.Count:N0} users.
            Ordered by {main}; <b>bold</b>: best of the column.
            {Html.If(evaluation.Tests.Count > 0, $"""
                p: paired t-test against the best of the column, adjusted for all pairs of cases; <span class="mark">*</span> significantly below it.
                """)}
            {Html.If(ResultTable.HasLetters(evaluation), $"""
                Raised letters: the cases that a case is significantly better than.
                """)}</p>
            </section>
            <section><h2>How sure the means are</h2>
            <div class="scroll figure">{IntervalPlot.Of(cases)}</div>
            <p class="note">Means with 95 % confidence intervals over users{Shown(cases, IntervalPlot.MostCases)}.
            {Html.If(evaluation.Tests.Count > 0, $"""
                All cases share their users, so means whose intervals overlap can still differ significantly: the tests below say so.
                """)}</p>
            </section>
            <section><h2>By activity of the users</h2>
            <div class="scroll figure">{ActivityPlot.Of(evaluation.Data, cases, Evaluation.MainMetric, evaluation.MainCutoff)}</div>
            <p class="note">{main} by how many training items a user has, with 95 % confidence
            intervals{Shown(cases, ActivityPlot.MostCases)}.</p>
            </section>
            {ColdSection.Of(cases)}
            <section><h2>Differences between cases</h2>
            {TestTable.Of(evaluation)}
            </section>
            <section><h2>Further metrics</h2>
            {FurtherMetrics.Of(cases)}
            </section>
            <section><h2>Data</h2>
            {DataSection.Of(evaluation.Data)}
            </section>
            <section><h2>How the numbers were made</h2>
            {MethodSection.Of(evaluation)}
            </section>
            """);
    }

    private static string Shown(IReadOnlyList<MeasuredCase> cases, int most) => cases.Count <= most ? "" : $"; the {most} best of {cases.Count} cases";

    private static Html Style()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!);
        return new Html(reader.ReadToEnd().TrimEnd());
    }
}
