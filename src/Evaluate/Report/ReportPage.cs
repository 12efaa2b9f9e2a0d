using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Paper;
using LmmRec.Evaluate.Report.Sections;

namespace LmmRec.Evaluate.Report;

/// <summary>
/// The report: one HTML page that needs no network and no script, light or dark as the reader's system is (docs/evaluation.md#report). All but times and
/// memory is the same from run to run.
/// </summary>
internal static class ReportPage
{
    /// <summary>Writes the page.</summary>
    /// <exception cref="LmmRec.Artifacts.InvalidInputException">A table that it shows is broken.</exception>
    public static async Task<string> OfAsync(Study study, CancellationToken cancellation)
    {
        var (costs, headlines) = (new Costs(), study.DataSets.Select(evaluation => new Headline(evaluation)).ToList());
        var (body, contents, pictures) = (new List<Html>(), new List<Html>(), new List<Html>());
        foreach (var (place, evaluation) in study.DataSets.Index())
        {
            var shown = await DataSetSections.OfAsync(evaluation, costs, place, study.DataSets.Count, cancellation);
            pictures.Add(shown.Pictures);
            if (study.DataSets.Count > 1) Add(new Section(evaluation.Dataset, Html.Of($"""<p class="lede">{headlines[place].Sentence}. {headlines[place].Below}</p>""")), "dataset", 2);
            foreach (var section in shown.Sections) Add(section, $"d{place}", study.DataSets.Count > 1 ? 3 : 2);
        }
        foreach (var section in PaperSection.Of(PaperTables.Of(study))) Add(section, "paper", 2);
        Add(new Section("Steps that failed", FailureSection.Of(study.Failed)), "failed", 2);
        var title = headlines.Count == 1 ? headlines[0].Sentence : $"What wins on {headlines.Count} data sets";
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{string.Join(", ", study.DataSets.Select(evaluation => evaluation.Dataset))}: {title}</title>
            <style>
            {Style()}
            </style>
            </head>
            <body>
            {pictures}
            <main>
            <header>
            <p class="eyebrow">lmmrec · evaluation of {string.Join(", ", study.DataSets.Select(evaluation => evaluation.Dataset))}</p>
            <h1>{title}</h1>
            {Html.If(headlines.Count == 1, $"""<p class="lede">{headlines[0].Below}</p>""")}
            {Frame.Of("What wins, by how much and at what cost", Html.Of($"""
            <table class="glance">
            <thead><tr><th scope="col">Data set</th><th scope="col">Best</th><th scope="col" class="number">Mean</th><th scope="col" class="number">Ahead of the next</th>
            <th scope="col" class="number">Ahead of most popular</th><th scope="col" class="number">Training</th><th scope="col" class="number">Memory</th></tr></thead>
            <tbody>{headlines.Select(headline => headline.Row(costs))}</tbody>
            </table>
            """))}
            </header>
            <nav aria-label="Contents"><ul>{contents}</ul></nav>
            {body}
            </main>
            </body>
            </html>

            """).Text;

        void Add(Section section, string prefix, int level)
        {
            if (!section.IsThere) return;
            var id = $"{prefix}-{body.Count}";
            contents.Add(Html.Of($"""<li class="level{level}"><a href="#{id}">{section.Title}</a></li>"""));
            body.Add(section.At(id, level));
        }
    }

    /// <summary>Whether a page is there up to its end, which a full disk or a copy that was broken off can cut.</summary>
    public static bool IsWhole(string path)
    {
        var end = "</html>\n"u8;
        if (!File.Exists(path)) return false;
        using var page = File.OpenRead(path);
        if (page.Length < end.Length) return false;
        Span<byte> last = stackalloc byte[end.Length];
        page.Seek(-end.Length, SeekOrigin.End);
        page.ReadExactly(last);
        return last.SequenceEqual(end);
    }

    /// <summary>What a caption adds where not all cases are drawn.</summary>
    public static string Shown(IReadOnlyList<MeasuredCase> cases, int most) => cases.Count <= most ? "" : $"; the {most} best of {cases.Count} cases";

    private static Html Style()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!);
        return new Html(reader.ReadToEnd().TrimEnd());
    }
}
