using System.Text.Json.Nodes;
using LmmRec.Evaluate.Report;

namespace LmmRec.Evaluate.Tests;

/// <summary>What the tests between a case and its control say of the recommender.</summary>
public sealed class ControlFindingTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(2.0, 0.0, "VBPR with clip does worse on shuffled features (Recall@10 ", ": it uses its own.")]
    [InlineData(0.0, 2.0, "VBPR with clip does better on shuffled features (Recall@10 ", ": its own mislead it.")]
    [InlineData(2.0, 2.0, "VBPR with clip does as well on shuffled features (Recall@10 100.0\u00A0% against 100.0\u00A0%)", ": it does not use its own.")]
    [InlineData(0.3, 0.2, "Whether VBPR with clip uses its features is not shown by shuffled features (Recall@10 ", ": there are too few users, or they vary too much.")]
    public async Task The_report_says_whether_a_recommender_uses_its_features(double skill, double onControl, string begins, string ends)
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("vbpr-clip", skill, change: Facts("clip"));
        await _workspace.TrainAsync("vbpr-clip-shuffled", onControl, change: facts =>
        {
            Facts("clip-shuffled")(facts);
            (facts["control"], facts["controlOf"]) = ("shuffled", "vbpr-clip");
        });
        var options = new EvaluateOptions { Cutoffs = [10] };
        await _workspace.EvaluateAsync(options);
        var finding = Assert.Single(ControlFinding.Of(await Evaluation.ReadAsync(options, _workspace.DataSet, TestContext.Current.CancellationToken)));
        Assert.StartsWith(begins, finding.Sentence, StringComparison.Ordinal);
        Assert.EndsWith(ends, finding.Sentence, StringComparison.Ordinal);
        Assert.Contains(ends[2..], _workspace.ReportFile("report.md"), StringComparison.Ordinal);
        Assert.Contains($"{ends}</th><td class=\"number\">{finding.Mean:F4}</td><td class=\"number\">{finding.MeanOfControl:F4}</td>", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_and_markdown_say_the_same_of_every_control_of_one_encoder_or_two()
    {
        await _workspace.IngestAsync();
        foreach (var encoder in new[] { "clip", "vgg+bert" })
        {
            await _workspace.TrainAsync($"vbpr-{encoder}", 2, change: Facts(encoder));
            foreach (var control in new[] { "shuffled", "noise" })
                await _workspace.TrainAsync($"vbpr-{encoder}-{control}", 0, change: facts =>
                {
                    Facts(string.Join('+', encoder.Split('+').Select(part => $"{part}-{control}")))(facts);
                    (facts["control"], facts["controlOf"]) = (control, $"vbpr-{encoder}");
                });
        }
        await _workspace.EvaluateAsync();
        var findings = ControlFinding.Of(await Evaluation.ReadAsync(new EvaluateOptions(), _workspace.DataSet, TestContext.Current.CancellationToken));
        Assert.Equal(
            ["vbpr-clip noise", "vbpr-clip shuffled", "vbpr-vgg+bert noise", "vbpr-vgg+bert shuffled"],
            findings.Select(finding => $"{finding.Case.Case.Name} {finding.Control.Case.Control}").Order());
        Assert.All(findings, finding =>
        {
            Assert.Contains(Html.Of($"""<th scope="row">{finding.Sentence}</th>""").Text, _workspace.ReportText, StringComparison.Ordinal);
            Assert.Contains(finding.Sentence, _workspace.ReportFile("report.md"), StringComparison.Ordinal);
        });
    }

    private static Action<JsonObject> Facts(string encoder) => facts => (facts["recommender"], facts["title"], facts["encoder"]) = ("vbpr", "VBPR", encoder);
}
