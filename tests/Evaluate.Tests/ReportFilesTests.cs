using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

/// <summary>The files beside the report's page.</summary>
public sealed class ReportFilesTests : IDisposable
{
    private readonly Workspace _workspace = new() { Name = "my_shop & 100%" };

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_csv_has_every_row_of_every_case_with_its_data_set_and_the_value_as_it_is()
    {
        await EvaluateAsync();
        var rows = await _workspace.ReadCasesAsync<MetricRow>();
        var lines = _workspace.ReportFile("metrics.csv").TrimEnd('\n').Split('\n');
        Assert.Equal("dataset,case,recommender,encoder,paradigm,modalities,seed,split,group,metric,cutoff,users,value", lines[0]);
        Assert.Equal(rows.Count, lines.Length - 1);
        var row = rows.Single(row => row is { Case: "good", Split: Splits.Test, Group: "all", Metric: "ndcg", Cutoff: 10 });
        Assert.Contains($"my_shop & 100%,good,bpr,,,,999,test,all,ndcg,10,{row.Users},{row.Value:R}", lines);
    }

    [Fact]
    public async Task Markdown_shows_the_best_in_bold_and_escapes_what_means_something_to_it()
    {
        await EvaluateAsync();
        var report = _workspace.ReportFile("report.md");
        Assert.Contains(@"## my\_shop & 100%", report, StringComparison.Ordinal);
        var metrics = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Split: Splits.Test, Group: "all", Metric: "ndcg", Cutoff: 10 }).ToDictionary(row => row.Case, row => row.Value);
        Assert.Contains($"**{metrics["good"]:F4}**", report, StringComparison.Ordinal);
        Assert.Contains($@"| {metrics["poor"]:F4}\* |", report, StringComparison.Ordinal);
        Assert.Contains("over all 3 pairs of cases of a metric and cut-off, at level 0.05", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_row_of_a_latex_table_has_as_many_cells_as_the_table_has_columns()
    {
        await EvaluateAsync();
        var latex = _workspace.ReportFile("tables.tex");
        Assert.Contains(@"my\_shop \& 100\%", latex, StringComparison.Ordinal);
        var columns = 0;
        foreach (var line in latex.Split('\n'))
        {
            if (line.StartsWith(@"\begin{longtable}", StringComparison.Ordinal)) columns = line.Count(character => character is 'l' or 'r') - "longtable".Count(character => character is 'l' or 'r');
            if (line.EndsWith(@" \\", StringComparison.Ordinal)) Assert.Equal(columns - 1, line.Replace(@"\&", "", StringComparison.Ordinal).Count(character => character == '&'));
        }
        Assert.Equal(latex.Count(character => character == '{'), latex.Count(character => character == '}'));
    }

    [Fact]
    public async Task Without_a_comparison_the_files_have_the_means_alone()
    {
        await EvaluateAsync(new EvaluateOptions { Compare = Comparison.None });
        var report = _workspace.ReportFile("report.md");
        Assert.Contains("### Results", report, StringComparison.Ordinal);
        Assert.DoesNotContain("significantly", report, StringComparison.Ordinal);
        Assert.DoesNotContain(" against ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_study_gives_the_same_files()
    {
        await EvaluateAsync();
        string[] names = ["report.md", "metrics.csv", "tables.tex"];
        var first = names.Select(_workspace.ReportFile).ToList();
        _workspace.ForgetEvaluation();
        await _workspace.EvaluateAsync(threads: 1);
        Assert.Equal(first, names.Select(_workspace.ReportFile));
    }

    private async Task EvaluateAsync(EvaluateOptions? options = null)
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("good", 1);
        await _workspace.TrainAsync("poor", 0.1);
        await _workspace.EvaluateAsync(options);
    }
}
