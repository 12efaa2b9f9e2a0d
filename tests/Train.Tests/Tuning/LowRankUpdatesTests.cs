using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

public sealed class LowRankUpdatesTests : IDisposable
{
    private readonly TuneShop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData("*attn.in_proj_weight", null, new[] { 0, 1, 2 })]
    [InlineData("*", 1, new[] { 2 })]
    public async Task With_low_rank_updates_only_the_weights_that_are_picked_change_and_each_by_no_more_than_the_rank(string weights, int? lastBlocks, int[] blocks)
    {
        await _shop.WriteAsync();
        var lora = new LoraOptions { Rank = 2, Alpha = 4, Weights = weights };
        await Run(_shop.Step("tuned", TuneShop.Short with { Epochs = 1, LastBlocks = lastBlocks, Lora = lora }));
        var tuned = SafeTensors.Read(Path.Combine(_shop.PathOf("tuned"), Encoder.WeightsFile));
        var parent = TrainableEncoder.Open(TuneShop.Card).TuningGraph(TuningLoss.Itc).Graph;
        var changed = parent.Parameters.Where(p => !p.Value!.As<float>().AsSpan().SequenceEqual(tuned[p.Name].As<float>())).ToList();
        Assert.Equal(blocks, changed.Where(p => p.Name.EndsWith("attn.in_proj_weight", StringComparison.Ordinal)).Select(p => Blocks.Of(parent).Of(p.Name).Index).Distinct().Order());
        Assert.All(changed, p => Assert.True(p.Tensor.Rank > 1 && (weights == "*" || p.Name.EndsWith("in_proj_weight", StringComparison.Ordinal)), p.Name));
        foreach (var p in changed.Where(p => p.Tensor.Rank == 2)) Assert.True(RankOf(p.Value!, tuned[p.Name]) <= lora.Rank, p.Name);
        Assert.Equal(weights, (string?)EncoderCard.Read(_shop.PathOf("tuned")).Tuned!["options"]!["lora"]!["weights"]);
    }

    [Fact]
    public async Task Updates_that_are_merged_give_the_vectors_of_the_graph_that_was_trained()
    {
        await _shop.WriteAsync(items: 8);
        using var pairs = await _shop.ReadAsync();
        var parent = TrainableEncoder.Open(TuneShop.Card);
        var options = TuneShop.Short with { Lora = new() { Rank = 3, Weights = "*.?ttn.*" } };
        using var model = TuningModel.Create(_shop.PathOf("training"), parent, TunedGraph.Of(parent, options), options, new RuntimeOptions { Threads = 2 });
        int[] places = [.. Enumerable.Range(0, 8)];
        var (step, feed) = (new TuneStep(model, options.MicroBatch), new PairFeed(parent, pairs, seed: 1, threads: 2));
        for (var update = 0; update < 3; update++)
        {
            var feeds = new Queue<Batch>(step.Parts(8).Select(part => feed.Of(places[part])));
            step.Run(8, feeds.Dequeue, null, 1e-2);
        }
        Assert.All(model.Tuning.Graph.Parameters.Where(p => p.Trainable), p => Assert.True(p.Name.EndsWith(LowRank.A, StringComparison.Ordinal) || p.Name.EndsWith(LowRank.B, StringComparison.Ordinal), p.Name));
        parent.Write(_shop.PathOf("merged"), "tuned", model.Value, [], half: false);
        var tuned = TrainableEncoder.Open(_shop.PathOf("merged"));
        using var merged = TuningModel.Create(_shop.PathOf("again"), tuned, TunedGraph.Of(tuned, TuneShop.Short), TuneShop.Short, new RuntimeOptions { Threads = 2 });
        var (expected, actual) = (model.Encode(feed.Of(places)), merged.Encode(feed.Of(places)));
        foreach (var name in expected.Keys) Assert.All(expected[name].As<float>().Zip(actual[name].As<float>()), v => Assert.Equal(v.First, v.Second, 1e-4f));
    }

    [Fact]
    public async Task A_killed_tuning_of_low_rank_updates_gives_the_same_bytes()
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { Lora = new() { Rank = 2 } };
        await Run(_shop.Step("whole", options));
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(_shop.Step("killed", options), new KillAfter(5, kill, "tune"), new HourByHour(), kill.Token));
        await Run(_shop.Step("killed", options));
        Assert.Equal(_shop.HashesOf("whole"), _shop.HashesOf("killed"));
    }

    [Theory]
    [InlineData("visual.*.nothing", 2, null, "lora.weights is 'visual.*.nothing', which no weight matrix of the trained blocks is called; such are ")]
    [InlineData("*.resblocks.0.*", 2, 1, "and 2 others")]
    [InlineData("*", 4096, null, "lora.rank is 4096, and the smaller side of '")]
    public async Task Low_rank_updates_that_cannot_be_are_refused_with_what_can(string weights, int rank, int? lastBlocks, string message)
    {
        await _shop.WriteAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(_shop.Step("tuned", TuneShop.Short with { LastBlocks = lastBlocks, Lora = new() { Rank = rank, Weights = weights } })));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static Task<StepOutcome> Run(Step step) => SmallShop.RunAsync(step);

    // By elimination; what is left below the pivot is rounding.
    private static int RankOf(TensorData before, TensorData after)
    {
        var (rows, columns) = ((int)before.Shape[0], (int)before.Shape[1]);
        double[] change = [.. before.As<float>().Zip(after.As<float>(), (b, a) => (double)a - b)];
        var largest = change.Max(Math.Abs);
        for (var rank = 0; ; rank++)
        {
            var pivot = Enumerable.Range(0, change.Length).MaxBy(i => Math.Abs(change[i]));
            if (rank == rows || Math.Abs(change[pivot]) < 1e-2 * largest) return rank;
            var (row, column) = (pivot / columns, pivot % columns);
            double[] by = change[(row * columns)..((row + 1) * columns)];
            for (var i = 0; i < rows; i++)
            {
                var factor = change[i * columns + column] / by[column];
                for (var j = 0; j < columns; j++) change[i * columns + j] -= factor * by[j];
            }
        }
    }
}
