using System.Globalization;
using LmmRec.Artifacts.Store;
using LmmRec.Evaluate;

namespace LmmRec.Cli.Terminal;

/// <summary>A table of results per data set and the path of the report, on standard output.</summary>
internal static class Results
{
    public static async Task ShowAsync(IReadOnlyList<EvaluatedDataSet> dataSets, string report, CancellationToken cancellation)
    {
        foreach (var dataSet in dataSets)
        {
            if (await EvaluationSummary.ReadAsync(dataSet, cancellation) is not { } summary) continue;
            Listing.OfNumbers([dataSets.Count > 1 ? summary.DataSet : "case", .. summary.Columns], [.. summary.Rows.Select(Cells)]);
            await Console.Out.WriteLineAsync($"means over {summary.Users} users of the test split; all items ranked");
        }
        await Console.Out.WriteLineAsync($"report: {Path.Combine(report, Manifest.PageFileName)}");

        static IReadOnlyList<string> Cells(EvaluationSummary.Row row) => [row.Case, .. row.Values.Select(v => v.ToString("0.0000", CultureInfo.InvariantCulture))];
    }
}
