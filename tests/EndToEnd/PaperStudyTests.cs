using LmmRec.Cli;
using LmmRec.Cli.Commands;
using LmmRec.Ingest;

namespace LmmRec.EndToEnd;

/// <summary><c>lmmrec experiments paper</c>; <c>.ci/run</c> runs the study at the sample's scale to its end.</summary>
public sealed class PaperStudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_writes_a_configuration_that_says_what_to_run_next_and_overwrites_nothing()
    {
        var written = (await Lmmrec.RunAsync(_folder.Path, "experiments", "paper")).Expect(0);
        Assert.Contains("lmmrec run --config paper.json", written.Output, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(_folder.PathOf("paper.json"), TestContext.Current.CancellationToken);

        var again = (await Lmmrec.RunAsync(_folder.Path, "experiments", "paper", "--scale", "sample")).Expect(1);
        Assert.StartsWith("--output paper.json: is there already and is never overwritten", again.Error, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(_folder.PathOf("paper.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unknown_scale_is_refused_with_those_that_there_are() =>
        Assert.Contains("--scale huge: unknown scale; allowed: full, sample", (await Lmmrec.RunAsync(_folder.Path, "experiments", "paper", "--scale", "huge")).Expect(2).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("full", 3, "clip", "vlmo", "cnn+minilm-l6")]
    [InlineData("sample", 1, "clip-sample", "vlmo-sample", "vgg-small+bert-small")]
    public async Task The_study_has_the_cases_of_the_papers_tables_and_nothing_in_it_goes_unused(string scale, int datasets, string clip, string vlmo, string baseline)
    {
        (await Lmmrec.RunAsync(_folder.Path, "experiments", "paper", "--scale", scale)).Expect(0);
        var effective = EffectiveConfiguration.Load(_folder.PathOf("paper.json"), _folder.PathOf("artifacts"), []);
        Assert.Empty(effective.Warnings);
        var pipeline = Pipeline.From(effective, new PipelineOptions(null, 1, 1, "cpu", AskAgain.Nothing, false, null, false, null));
        var names = pipeline.Stages.Single(stage => stage.Name == "train").Steps().Select(step => Path.GetFileName(step.Folder)).ToList();

        var (visual, textual) = (baseline.Split('+')[0], baseline.Split('+')[1]);
        List<string> table4 = [.. from encoder in new[] { clip, vlmo } from paradigm in new[] { "pt", "ft", "ete" } select $"{encoder}-{paradigm}"];
        List<string> expected =
        [
            .. from recommender in new[] { "vbpr", "mmgcn", "mmgcl", "slmrec", "lattice" } from features in table4.Append($"{baseline}-pt") select $"{recommender}-{features}-vt",
            .. from features in table4.Append($"{visual}-pt") select $"vbpr-{features}-v",
            .. from recommender in new[] { "mmgcl", "lattice" }
               from one in new[] { $"{visual}-pt-v", $"{textual}-pt-t", $"{clip}-ete-v", $"{clip}-ete-t" }
               select $"{recommender}-{one}",
        ];
        Assert.Equal(50, expected.Count);
        Assert.Equal(expected.SelectMany(name => Enumerable.Repeat($"{name}-s999", datasets)).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }
}
