using System.Text.RegularExpressions;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

public sealed partial class ReportTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_page_needs_nothing_from_outside_and_runs_no_script()
    {
        var page = await PageAsync("good", "poor");
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_names_no_machine()
    {
        var page = await PageAsync("good", "poor");
        Assert.DoesNotContain(Environment.MachineName, page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Path.GetTempPath(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_element_that_is_opened_is_closed()
    {
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(await PageAsync("good", "poor", "third")))
        {
            if (tag.Value.EndsWith("/>", StringComparison.Ordinal) || tag.Groups["name"].Value is "meta") continue;
            if (tag.Groups["close"].Length == 0) open.Push(tag.Groups["name"].Value);
            else Assert.Equal(tag.Groups["name"].Value, open.Pop());
        }
        Assert.Empty(open);
    }

    [Fact]
    public async Task The_best_of_each_column_is_bold_and_cases_significantly_below_it_are_marked()
    {
        var page = await PageAsync("good", "poor");
        var metrics = (await _workspace.ReadAsync<MetricRow>())
            .Where(row => row is { Split: Splits.Test, Metric: "ndcg", Cutoff: 10 }).ToDictionary(row => row.Case, row => row.Value);
        Assert.Contains($"<b>{metrics["good"]:F4}</b>", page, StringComparison.Ordinal);
        Assert.Contains($"{metrics["poor"]:F4}<sup class=\"mark\">*</sup>", page, StringComparison.Ordinal);
        Assert.Contains("title=\"against good: p&#160;&lt;&#160;0.0001 (adjusted)", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_statistics_of_the_data_are_those_of_the_tables()
    {
        var page = await PageAsync("good");
        const int Interactions = Workspace.Users * 7 - 2;
        Assert.Contains($"<dd>{Interactions}</dd>", page, StringComparison.Ordinal);
        Assert.Contains($"<dd>{100.0 * Interactions / (Workspace.Users * Workspace.Items):G3} %</dd>", page, StringComparison.Ordinal);
        Assert.Contains(
            """Users without training items<small>dropped from validation and test</small></th><td class="number">10</td>""", page, StringComparison.Ordinal);
        Assert.Contains("""Items without a text</th><td class="number">0</td>""", page, StringComparison.Ordinal);
        Assert.Contains($"""Items without a picture</th><td class="number">{Workspace.Items}</td>""", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_case_alone_has_nothing_to_be_compared_with_and_the_page_says_so()
    {
        var page = await PageAsync("good");
        Assert.Contains("There is one case only", page, StringComparison.Ordinal);
        Assert.Empty(await _workspace.ReadAsync<TestRow>());
    }

    [Fact]
    public async Task Without_a_comparison_there_are_no_tests_and_the_page_says_so()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0);
        await _workspace.TrainAsync("b", skill: 1);
        await _workspace.EvaluateAsync(new EvaluateOptions { Compare = Comparison.None });
        Assert.Contains("No comparison was asked for", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Empty(await _workspace.ReadAsync<TestRow>());
    }

    [Fact]
    public async Task Names_cannot_put_markup_into_the_page()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0, change: facts => facts["recommender"] = "<img src=x onerror=\"alert('1')\">");
        await _workspace.EvaluateAsync();
        Assert.DoesNotContain("<img", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_many_cases_the_plots_show_the_best_and_say_so_while_the_table_has_all()
    {
        var names = Enumerable.Range(0, 25).Select(i => $"case-{i:D2}").ToArray();
        var page = await PageAsync(names);
        Assert.All(names, name => Assert.Contains($"<th scope=\"row\">{name}<small>", page, StringComparison.Ordinal));
        Assert.Contains("the 20 best of 25 cases", page, StringComparison.Ordinal);
        Assert.Contains("the 5 best of 25 cases", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("""<(?<close>/?)(?<name>[a-z][a-z0-9]*)(\s[^<>]*)?>""")]
    private static partial Regex Tag();

    // The first case is the best.
    private async Task<string> PageAsync(params string[] cases)
    {
        await _workspace.IngestAsync();
        foreach (var (i, name) in cases.Index()) await _workspace.TrainAsync(name, skill: i == 0 ? 2 : 0.01 * i);
        await _workspace.EvaluateAsync();
        return _workspace.ReportText;
    }
}
