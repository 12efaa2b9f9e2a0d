using LmmRec.Artifacts;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class TwoPassTests : IDisposable
{
    private readonly CatalogueFolder _catalogue = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _catalogue.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(TuningLoss.Itc, 4)]
    [InlineData(TuningLoss.Itc, 3)] // the last part is smaller; what the first was fed is kept for the second pass
    [InlineData(TuningLoss.Sigmoid, 4)]
    public Task A_batch_in_parts_has_the_gradient_of_the_batch_at_once(TuningLoss loss, int microBatch) => AreEqualAsync(loss, TuneShop.Card, batch: 8, microBatch);

    [Fact]
    public Task The_fused_losses_of_VLMo_in_parts_have_the_gradient_of_those_of_the_whole_batch() =>
        AreEqualAsync(TuningLoss.Vlmo, TuneShop.Vlmo(_folder), batch: 8, microBatch: 3);

    private async Task AreEqualAsync(TuningLoss loss, string card, int batch, int microBatch)
    {
        await _catalogue.WriteAsync([.. Enumerable.Range(0, batch).Select(i => ($"{string.Concat(Enumerable.Repeat("a ", i))}thing number {i}", (byte[]?)Pictures.Png(Pictures.Draw(40, 40, i)), (string?)null))]);
        using var pairs = await _catalogue.ReadAsync();
        var (once, onceLosses) = Gradients(pairs, loss, card, batch, batch);
        var (parts, partsLosses) = Gradients(pairs, loss, card, batch, microBatch);
        Assert.Equal(onceLosses.Keys, partsLosses.Keys);
        Assert.All(onceLosses, value => Assert.Equal(value.Value, partsLosses[value.Key], 1e-5));
        Assert.Contains("logit_scale", once.Keys);
        Assert.Equal(once.Keys, parts.Keys);
        var norm = Math.Sqrt(once.Values.Sum(g => g.Sum(v => (double)v * v)));
        Assert.True(norm > 1e-3);
        Assert.All(once.Keys, name => Assert.All(once[name].Zip(parts[name]), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 1e-5 * norm, name)));
    }

    private (SortedDictionary<string, float[]> Gradients, IReadOnlyDictionary<string, double> Losses) Gradients(TuningPairs pairs, TuningLoss loss, string card, int batch, int microBatch)
    {
        var encoder = TrainableEncoder.Open(card);
        var options = new TuneOptions { Loss = loss, Batch = batch, MicroBatch = microBatch, MaxGradientNorm = 1e6 };
        using var model = TuningModel.Create(_folder.PathOf($"{microBatch}"), encoder, TunedGraph.Of(encoder, options), options, new RuntimeOptions { Threads = 2 });
        var (step, feed) = (new TuneStep(model, microBatch, keptBytes: 3 * model.PictureBytes!.Value), new PairFeed(encoder, pairs, seed: 1, threads: 2));
        int[] places = [.. Enumerable.Range(0, batch)];
        var feeds = new Queue<Batch>(step.Parts(batch).Select(part => feed.Of(places[part])));
        var updated = step.Run(batch, feeds.Dequeue, loss == TuningLoss.Vlmo ? logits => new FusedFeed(places, pairs, encoder, feed, null, logits, new SeededRandom(5)) : null, 1e-6);
        Assert.Empty(feeds);
        return (new(model.Session.Parameters.ToDictionary(name => name, name => model.Session.Gradient(name).As<float>())), updated.Losses);
    }
}
