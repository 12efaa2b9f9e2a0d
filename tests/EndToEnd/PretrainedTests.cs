using LmmRec.Artifacts.Tables;

namespace LmmRec.EndToEnd;

/// <summary>What the pre-trained encoders of onnx-models/ know of the default sample, of which they have seen no product.</summary>
public sealed class PretrainedTests : IDisposable
{
    private const int Cutoff = 10;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("clip-sample", "clip-small")]
    [InlineData("vlmo-sample", "vlmo-small")]
    public async Task A_picture_finds_its_text_among_the_first_ten_five_times_as_often_as_with_random_weights(string pretrained, string random)
    {
        foreach (var seed in new[] { 1, 2, 3 }) (await Lmmrec.RunAsync(_folder.Path, "models", "init", random, "--seed", $"{seed}", "--target", $"random-{seed}")).Expect(0);
        await File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), $$"""
            {
              "dataset": { "source": "sample" },
              "encoders": [
                { "name": "{{pretrained}}", "card": "onnx-models/{{pretrained}}" },
                { "name": "random-1", "card": "random-1" }, { "name": "random-2", "card": "random-2" }, { "name": "random-3", "card": "random-3" }
              ]
            }
            """, TestContext.Current.CancellationToken);
        (await Lmmrec.RunAsync(_folder.Path, "ingest")).Expect(0);
        (await Lmmrec.RunAsync(_folder.Path, "featurize")).Expect(0);
        var found = await FoundAsync(pretrained);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            var byChance = await FoundAsync($"random-{seed}");
            Assert.True(found >= 5 * byChance, $"{pretrained} finds {found} texts, random weights of seed {seed} find {byChance}");
        }
    }

    /// <summary>How many pictures have their own item's text among the first of all texts, by cosine.</summary>
    private async Task<int> FoundAsync(string encoder)
    {
        var (pictures, texts) = (new List<float[]>(), new List<float[]>());
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(_folder.PathOf($"artifacts/sample/features/{encoder}"), cancellation: TestContext.Current.CancellationToken))
        {
            if (row is not { Visual: { } visual, Textual: { } textual }) continue;
            pictures.Add(Normalized(visual));
            texts.Add(Normalized(textual));
        }
        Assert.InRange(pictures.Count, 250, 300);
        return Enumerable.Range(0, pictures.Count).Count(item =>
        {
            var own = Dot(pictures[item], texts[item]);
            return texts.Count(text => Dot(pictures[item], text) >= own) <= Cutoff;
        });
    }

    private static float[] Normalized(float[] vector)
    {
        var length = MathF.Sqrt(Dot(vector, vector));
        return Array.ConvertAll(vector, x => x / length);
    }

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
