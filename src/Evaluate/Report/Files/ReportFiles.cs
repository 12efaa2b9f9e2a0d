using System.Text;
using LmmRec.Artifacts.Store;
using LmmRec.Evaluate.Paper;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The report beside its page: what other programs and papers take. Times are in none of these files, so the same study gives the same bytes.</summary>
internal static class ReportFiles
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes <c>report.md</c>, <c>metrics.csv</c> and <c>tables.tex</c>.</summary>
    public static async Task WriteAsync(Study study, ArtifactWriter output, CancellationToken cancellation)
    {
        IReadOnlyList<TextSection> sections = [.. study.DataSets.Select(ResultTexts.Of), .. PaperTables.Of(study).Select(PaperTexts.Of), .. FailureTexts.Of(study)];
        foreach (var (name, text) in new[] { ("report.md", MarkdownReport.Of(sections)), ("metrics.csv", MetricsCsv.Of(study)), ("tables.tex", LatexReport.Of(sections)) })
            await File.WriteAllTextAsync(output.PathFor(name), text, Utf8, cancellation);
    }
}
