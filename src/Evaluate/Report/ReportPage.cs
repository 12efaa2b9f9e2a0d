using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report;

/// <summary>The report: one HTML page that needs no network and no script, light or dark as the reader's system is.</summary>
internal static class ReportPage
{
    // The field chooses models by it, and so does training.
    private const RankingMetric MainMetric = RankingMetric.Recall;

    public static string Of(Evaluation evaluation)
    {
        var cutoff = evaluation.Cases[0].Test.Columns.Max(column => column.Cutoff);
        var ordered = evaluation.Cases.OrderByDescending(c => c.Test.Mean(MainMetric, cutoff)).ToList();
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{evaluation.Dataset} – lmmrec evaluation</title>
            <style>
            {Style()}
            </style>
            </head>
            <body>
            <main>
            <header>
            <p class="eyebrow">lmmrec · evaluation</p>
            <h1>{evaluation.Dataset}</h1>
            <p class="lede">{Headline(evaluation, ordered, cutoff)}</p>
            </header>
            <section><h2>Results</h2>
            {ResultTable.Of(evaluation)}
            <p class="note">Test split, means over {evaluation.Cases[0].Test.Users.Count:N0} users.
            {Html.If(ordered.Count > 1, $"<b>Bold</b>: best of the column.")}
            {Html.If(evaluation.Tests.Count > 0, $"""<span class="mark">*</span> significantly below the best; p-values are in the tooltips.""")}</p>
            </section>
            <section><h2>How sure the means are</h2>
            <div class="scroll figure">{IntervalPlot.Of(ordered)}</div>
            <p class="note">Means with 95 % confidence intervals over users{Shown(ordered, IntervalPlot.MostCases)}.
            {Html.If(evaluation.Tests.Count > 0, $"""
                All cases share their users, so means whose intervals overlap can still differ significantly: the tests below say so.
                """)}</p>
            </section>
            <section><h2>By activity of the users</h2>
            <div class="scroll figure">{ActivityPlot.Of(evaluation.Data, ordered, MainMetric, cutoff)}</div>
            <p class="note">{Name(cutoff)} by how many training items a user has, with 95 % confidence
            intervals{Shown(ordered, ActivityPlot.MostCases)}.</p>
            </section>
            <section><h2>Differences between cases</h2>
            {TestTable.Of(evaluation)}
            </section>
            <section><h2>Data</h2>
            {DataSection.Of(evaluation.Data)}
            </section>
            <section><h2>How the numbers were made</h2>
            {MethodSection.Of(evaluation)}
            </section>
            </main>
            </body>
            </html>

            """).Text;
    }

    private static Html Headline(Evaluation evaluation, List<MeasuredCase> ordered, int cutoff)
    {
        var best = ordered[0];
        var mean = best.Test.Mean(MainMetric, cutoff);
        if (ordered.Count == 1) return Html.Of($"<strong>{best.Case.Name}</strong> reaches {Name(cutoff)} = {mean:F4}.");
        var next = ordered[1];
        var test = evaluation.Tests.FirstOrDefault(
            t => t.Metric == MainMetric.InTables() && t.Cutoff == cutoff && t.IsBetween(best.Case.Name, next.Case.Name));
        var verdict = test is null ? ""
            : test.PHolm < Numbers.Significance ? $" ({Numbers.P(test.PHolm)})"
            : $"; the difference is not significant ({Numbers.P(test.PHolm)})";
        return Html.Of($"""
            <strong>{best.Case.Name}</strong> has the best {Name(cutoff)}: {mean:F4}, against {next.Test.Mean(MainMetric, cutoff):F4}
            of {next.Case.Name}, the next of {ordered.Count} cases{verdict}.
            """);
    }

    private static string Name(int cutoff) => MetricNames.Display(MainMetric.InTables(), cutoff);

    private static string Shown(List<MeasuredCase> cases, int most) => cases.Count <= most ? "" : $"; the {most} best of {cases.Count} cases";

    private static Html Style()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!);
        return new Html(reader.ReadToEnd().TrimEnd());
    }
}
