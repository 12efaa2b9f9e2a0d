using System.Globalization;
using LmmRec.Evaluate;

namespace LmmRec.Cli.Terminal;

/// <summary>The result table and the path of the report, on standard output.</summary>
internal static class Results
{
    public static async Task ShowAsync(string evaluationFolder, CancellationToken cancellation)
    {
        var summary = await EvaluationSummary.ReadAsync(evaluationFolder, cancellation);
        Listing.OfNumbers(["case", .. summary.Columns], [.. summary.Rows.Select(Cells)]);
        await Console.Out.WriteLineAsync($"means over {summary.Users} users of the test split; all items ranked");
        await Console.Out.WriteLineAsync($"report: {summary.Report}");

        static IReadOnlyList<string> Cells(EvaluationSummary.Row row) => [row.Case, .. row.Values.Select(v => v.ToString("0.0000", CultureInfo.InvariantCulture))];
    }
}
