using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

/// <summary>Tuning of the upper blocks on what the frozen ones gave once.</summary>
public sealed class KeptPrefixTests : IDisposable
{
    private readonly TuneShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    public static TheoryData<TuneOptions, double> Ways => new()
    {
        { new() { LastBlocks = 1, MicroBatch = 8, KeepPrefix = KeptPrefix.Float32 }, 1e-5 }, // a batch at once
        { new() { LastBlocks = 1, MicroBatch = 3, KeepPrefix = KeptPrefix.Float32 }, 1e-5 },
        { new() { LastBlocks = 2, MicroBatch = 3, KeepPrefix = KeptPrefix.Float32, Recompute = true }, 1e-5 },
        { new() { LastBlocks = 0, MicroBatch = 3, KeepPrefix = KeptPrefix.Float32, Loss = TuningLoss.Sigmoid }, 1e-5 },
        { new() { LastBlocks = 2, MicroBatch = 3, KeepPrefix = KeptPrefix.Float32, Lora = new() { Rank = 3 } }, 1e-5 },
        { new() { MicroBatch = 8, KeepPrefix = KeptPrefix.Float32, Lora = new() { Rank = 3, Weights = "*.2.mlp.*" } }, 1e-5 }, // frozen by the pattern
        { new() { LastBlocks = 1, MicroBatch = 3, KeepPrefix = KeptPrefix.Float16 }, 1e-2 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Gradients_are_those_of_the_whole_encoder(TuneOptions options, double tolerance)
    {
        options = options with { Batch = 8, Augment = false, MaxGradientNorm = 1e6 };
        await _shop.WriteAsync(items: 8);
        var (whole, _) = await GradientsAsync("whole", options with { KeepPrefix = KeptPrefix.None });
        var (kept, inputs) = await GradientsAsync("kept", options);
        Assert.Equal(options.Lora is null, whole.ContainsKey("logit_scale"));
        Assert.Equal(whole.Keys, kept.Keys);
        Assert.DoesNotContain(EncoderGraph.Pixels, inputs);
        var norm = Math.Sqrt(whole.Values.Sum(g => g.Sum(v => (double)v * v)));
        Assert.True(norm > 1e-4, "nothing to compare");
        Assert.All(whole.Keys, name => Assert.All(whole[name].Zip(kept[name]), pair => Assert.True(Math.Abs(pair.First - pair.Second) < tolerance * norm, name)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public async Task A_killed_tuning_goes_on_with_what_it_kept_and_gives_the_same_bytes(int updates)
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { LastBlocks = 1, Augment = false, HardNegatives = 1, KeepPrefix = KeptPrefix.Float32 };
        await Run(_shop.Step("whole", options));
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(_shop.Step("killed", options), new KillAfter(updates - 1, kill, "tune"), new HourByHour(), kill.Token));
        var resumed = new KillAfter(int.MaxValue, kill, "tune");
        await SmallShop.RunAsync(_shop.Step("killed", options), resumed, new HourByHour(), Cancellation);
        Assert.Equal(updates, resumed.First);
        Assert.Equal(_shop.HashesOf("whole"), _shop.HashesOf("killed"));
        Assert.DoesNotContain(resumed.Notes, note => note.StartsWith("what the frozen blocks", StringComparison.Ordinal)); // nothing was left to keep
        Assert.Empty(Directory.EnumerateDirectories(_shop.PathOf("."), "*~unfinished"));
    }

    [Fact]
    public async Task The_tuned_encoder_is_that_of_a_tuning_that_kept_nothing()
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { Epochs = 1, LastBlocks = 1, Augment = false };
        await Run(_shop.Step("plain", options));
        await Run(_shop.Step("kept", options with { KeepPrefix = KeptPrefix.Float32 }));
        var (before, plain, kept) = (VectorOf(TuneShop.Card), VectorOf(_shop.PathOf("plain")), VectorOf(_shop.PathOf("kept")));
        Assert.True(Furthest(plain, kept) < 1e-2 * Furthest(before, kept), $"{Furthest(plain, kept)} beside {Furthest(before, kept)} that were learnt");

        static float Furthest(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();

        static float[] VectorOf(string card)
        {
            using var encoder = Encoder.Open(card, new RuntimeOptions());
            return encoder.Texts!.VectorsOf([encoder.Texts.Tokenize("a red thing")])[0];
        }
    }

    [Fact]
    public void The_fused_losses_of_VLMo_are_refused_since_they_need_other_pairs_in_the_frozen_blocks()
    {
        var error = Assert.Throws<ConfigurationException>(() => _shop.Step("tuned", TuneShop.Short with { LastBlocks = 1, Augment = false, KeepPrefix = KeptPrefix.Float32 }, _shop.Vlmo()));
        Assert.Contains("runs pictures with the texts of other pairs through them; set tune.loss to itc, or leave keepPrefix out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_frozen_the_tuning_is_refused_before_anything_is_read()
    {
        await _shop.WriteAsync();
        var step = _shop.Step("tuned", TuneShop.Short with { Augment = false, Lora = new() { Rank = 2 }, KeepPrefix = KeptPrefix.Float32 });
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(step));
        Assert.Contains("has nothing frozen that could be kept; leave keepPrefix out", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeptPrefix.Float32)]
    [InlineData(KeptPrefix.Float16)]
    public async Task What_is_kept_takes_the_bytes_that_were_said_before(KeptPrefix kind)
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { LastBlocks = 1, Augment = false, KeepPrefix = kind };
        var said = (await TuneStage.OutlookAsync(new TunedEncoder("clip", TuneShop.Card, options, _shop.PathOf("tuned")), _shop.Ingest, Cancellation)).Pairs!.KeptBytes;
        using var pairs = await _shop.ReadAsync();
        var encoder = TrainableEncoder.Open(TuneShop.Card);
        var context = Context("kept");
        using (await PrefixStore.OpenAsync("clip", TunedGraph.Of(encoder, options).Prefix!, kind, [.. Enumerable.Range(0, TuneShop.Items)], new PairFeed(encoder, pairs, seed: 1, threads: 2).Of, context, Cancellation))
            Assert.Equal(said, new FileInfo(Path.Combine(context.Output.Unfinished, "clip-prefix.bin")).Length);
    }

    private async Task<(SortedDictionary<string, float[]> Gradients, IReadOnlyCollection<string> Inputs)> GradientsAsync(string name, TuneOptions options)
    {
        using var pairs = await _shop.ReadAsync();
        var encoder = TrainableEncoder.Open(TuneShop.Card);
        var graph = TunedGraph.Of(encoder, options);
        int[] places = [.. Enumerable.Range(0, options.Batch)];
        var feed = new PairFeed(encoder, pairs, seed: 1, threads: 2);
        using var store = graph.Prefix is null ? null : await PrefixStore.OpenAsync("clip", graph.Prefix, options.KeepPrefix, places, feed.Of, Context(name), Cancellation);
        feed = new PairFeed(encoder, pairs, seed: 1, threads: 2, store);
        using var model = TuningModel.Create(_shop.PathOf($"{name}-training"), encoder, graph, options, new RuntimeOptions { Threads = 2 });
        var step = new TuneStep(model, options.MicroBatch);
        var feeds = new Queue<Batch>(step.Parts(options.Batch).Select(part => feed.Of(places[part])));
        step.Run(options.Batch, feeds.Dequeue, null, 1e-6);
        string[] trained = [.. model.Tuning.Graph.Parameters.Where(p => p.Trainable).Select(p => p.Name)];
        return (new(trained.ToDictionary(p => p, p => model.Session.Gradient(p).As<float>())), model.Session.Inputs());
    }

    private StepContext Context(string name) =>
        new(new ArtifactWriter(_shop.PathOf(name), new Recipe("tune", 1, [], [])), new Silence(), TimeProvider.System, Threads: 2, Device: "cpu");

    private static Task<StepOutcome> Run(Step step) => SmallShop.RunAsync(step, new Silence(), new HourByHour(), Cancellation);
}
