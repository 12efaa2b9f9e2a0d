using System.Globalization;
using LmmRec.Evaluate;
using Spectre.Console;

namespace LmmRec.Cli.Terminal;

/// <summary>The result table and the path of the report, on standard output.</summary>
internal static class Results
{
    public static async Task ShowAsync(string evaluationFolder, CancellationToken cancellation)
    {
        var summary = await EvaluationSummary.ReadAsync(evaluationFolder, cancellation);
        var table = new Table().Border(TableBorder.Simple).AddColumn("case");
        foreach (var column in summary.Columns) table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var row in summary.Rows)
            table.AddRow([Markup.Escape(row.Case), .. row.Values.Select(v => v.ToString("0.0000", CultureInfo.InvariantCulture))]);
        Screen.Output.Write(table);
        await Console.Out.WriteLineAsync($"means over {summary.Users} users of the test split; all items ranked");
        await Console.Out.WriteLineAsync($"report: {summary.Report}");
    }
}
