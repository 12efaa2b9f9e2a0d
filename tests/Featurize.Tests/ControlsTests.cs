using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Featurize.Controls;

namespace LmmRec.Featurize.Tests;

/// <summary>What stands in for an encoder's features.</summary>
public sealed class ControlsTests : IDisposable
{
    private const int Items = 150;

    private static readonly EncoderOptions Clip = new() { Name = "clip-small", Card = "onnx-models/clip-small", Controls = [Control.Shuffled, Control.Noise, Control.Constant] };

    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Shuffled_features_are_those_of_other_items_picture_and_text_together()
    {
        var (features, control) = await MakeAsync("shuffled");
        var owners = features.Values.Where(row => row.Visual is not null && row.Textual is not null).ToLookup(row => string.Join(' ', row.Visual!.Concat(row.Textual!)));
        foreach (var row in control.Values.Where(row => row.Visual is not null && row.Textual is not null))
        {
            Assert.Contains(owners[string.Join(' ', row.Visual!.Concat(row.Textual!))], owner => owner.PictureSha256 == row.PictureSha256 && owner.TextSha256 == row.TextSha256);
            Assert.NotEqual(features[row.ItemId].Textual, row.Textual);
        }
        Assert.Equal(Sorted(features), Sorted(control));

        static IEnumerable<string> Sorted(Dictionary<string, FeatureRow> rows) => rows.Values.Select(row => string.Join(' ', (row.Visual ?? []).Concat(row.Textual ?? []))).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Noise_has_the_mean_and_the_deviation_of_the_features_in_each_dimension_and_is_different_for_each_item()
    {
        var (features, control) = await MakeAsync("noise");
        foreach (var slot in new Func<FeatureRow, float[]?>[] { row => row.Visual, row => row.Textual })
        {
            var (expected, found) = (Moments.Of(features.Values.Select(slot)), Moments.Of(control.Values.Select(slot)));
            for (var f = 0; f < expected.Mean.Length; f++)
            {
                // Five standard errors of a mean and of a deviation over so many draws.
                Assert.Equal(expected.Mean[f], found.Mean[f], 5 * expected.Deviation[f] / Math.Sqrt(Items - 3));
                Assert.Equal(expected.Deviation[f], found.Deviation[f], 5 * expected.Deviation[f] / Math.Sqrt(2 * (Items - 4)));
            }
        }
        Assert.Equal(Items - 3, control.Values.Select(row => row.Visual).OfType<float[]>().Select(vector => string.Join(' ', vector)).Distinct().Count());
    }

    [Fact]
    public async Task Of_a_constant_every_vector_is_the_mean_of_the_features()
    {
        var (features, control) = await MakeAsync("constant");
        var mean = Enumerable.Range(0, 64).Select(f => (float)features.Values.Where(row => row.Textual is not null).Average(row => (double)row.Textual![f])).ToArray();
        Assert.All(control.Values.Where(row => row.Textual is not null), row => Assert.Equal(mean, row.Textual!, (a, b) => Math.Abs(a - b) < 1e-6));
        Assert.Single(control.Values.Select(row => row.Visual).OfType<float[]>().Select(vector => string.Join(' ', vector)).Distinct());
    }

    [Theory]
    [InlineData("shuffled")]
    [InlineData("noise")]
    [InlineData("constant")]
    public async Task A_control_keeps_who_has_a_vector_and_why_not_and_says_what_it_is(string kind)
    {
        var (features, control) = await MakeAsync(kind);
        Assert.Equal(features.Values.Select(Place), control.Values.Select(Place));
        var (of, own) = (Manifest.Read(Path.Combine(_shop.Features, Clip.Name)).Facts, Manifest.Read(Path.Combine(_shop.Features, $"{Clip.Name}-{kind}")).Facts);
        Assert.Equal((of["visual"]!.ToJsonString(), of["textual"]!.ToJsonString()), (own["visual"]!.ToJsonString(), own["textual"]!.ToJsonString()));
        Assert.Equal((kind, Clip.Name), ((string?)own["control"], (string?)own["controlOf"]));

        static (int, string, string, string, bool, bool) Place(FeatureRow row) => (row.Item, row.ItemId, row.VisualStatus, row.TextualStatus, row.Visual is null, row.Textual is null);
    }

    [Theory]
    [InlineData("shuffled")]
    [InlineData("noise")]
    [InlineData("constant")]
    public async Task The_same_features_give_the_same_bytes_and_asking_for_controls_makes_no_features_again(string kind)
    {
        await MakeAsync(kind);
        Assert.False((await _shop.RunAsync(Clip with { Controls = [] })).Ran);
        using var other = new Shop();
        await other.IngestAsync([.. Enumerable.Range(0, Items)]);
        foreach (var artifact in other.ArtifactsOf(Clip)) await other.RunAsync(artifact.Step);
        Assert.Equal(_shop.BytesOf($"{Clip.Name}-{kind}"), other.BytesOf($"{Clip.Name}-{kind}"));
    }

    [Fact]
    public async Task A_matrix_has_controls_and_controls_have_no_parts()
    {
        await _shop.IngestAsync([.. Enumerable.Range(0, Items)]);
        var artifacts = _shop.ArtifactsOf(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual, Controls = [Control.Shuffled] });
        Assert.Equal([("audio_feat", null), ("audio_feat-shuffled", "shuffled")], artifacts.Select(artifact => (artifact.Encoder, artifact.Control)));
        Assert.All(artifacts, artifact => Assert.Null(artifact.PartStep));
        foreach (var artifact in artifacts) await _shop.RunAsync(artifact.Merge);
        var (features, control) = (await _shop.ReadAsync("audio_feat"), await _shop.ReadAsync("audio_feat-shuffled"));
        Assert.All(control.Values, row => Assert.Equal((FeatureStatus.None, null), (row.VisualStatus, row.Visual)));
        Assert.All(control.Values.Where(row => row.Textual is not null), row => Assert.NotEqual(features[row.ItemId].Textual, row.Textual));
    }

    private async Task<(Dictionary<string, FeatureRow> Features, Dictionary<string, FeatureRow> Control)> MakeAsync(string kind)
    {
        await _shop.IngestAsync([.. Enumerable.Range(0, Items)]);
        foreach (var artifact in _shop.ArtifactsOf(Clip).Where(artifact => artifact.Control is null || artifact.Control == kind)) await _shop.RunAsync(artifact.Step);
        return (await _shop.ReadAsync(Clip.Name), await _shop.ReadAsync($"{Clip.Name}-{kind}"));
    }
}
