using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

public sealed class TuneStageTests : IDisposable
{
    private readonly TuneShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_tuned_encoder_is_a_folder_that_opens_and_has_the_weights_of_the_epoch_with_the_lowest_held_out_loss()
    {
        await _shop.WriteAsync();
        await Run(_shop.Step("tuned"));
        var history = await TableFile.ReadAsync<TuningRow>(TableFile.PathOf<TuningRow>(_shop.PathOf("tuned")), Cancellation);
        var losses = history.Where(row => row.Decides).ToDictionary(row => row.Epoch, row => row.Value);
        Assert.Equal([0, 1, 2, 3], losses.Keys.Order());
        var facts = Manifest.Read(_shop.PathOf("tuned")).Facts;
        Assert.Equal(losses.Where(loss => loss.Key > 0).MinBy(loss => loss.Value).Key, (int)facts["bestEpoch"]!);
        Assert.Equal(losses[(int)facts["bestEpoch"]!], (double)facts["measured"]![HeldOut.Loss]!);
        Assert.Equal((TuneShop.Items / 10, 3), ((int)facts["heldOut"]!, (int)facts["epochs"]!));
        Assert.True(losses[3] < losses[0], "nothing was learnt");
        foreach (var name in new[] { "loss", "gradient_norm", "learning_rate" }) Assert.Equal([1, 2, 3], history.Where(row => row.Name == name).Select(row => row.Epoch));

        string[] measured = [HeldOut.Loss, .. new[] { "image_text", "text_image" }.SelectMany(way => new[] { "recall@1", "recall@5", "recall@10", "median_rank" }.Select(metric => $"{way}_{metric}"))];
        foreach (var name in measured) Assert.Equal([0, 1, 2, 3], history.Where(row => row.Name == name && row.Category is null).Select(row => row.Epoch));
        Assert.Contains(history, row => row is { Category: not null, Name: "image_text_recall@10" });

        using var before = Encoder.Open(TuneShop.Card, new RuntimeOptions());
        using var after = Encoder.Open(_shop.PathOf("tuned"), new RuntimeOptions());
        float[] Vector(Encoder encoder) => encoder.Texts!.VectorsOf([encoder.Texts.Tokenize("a red thing")])[0];
        Assert.NotEqual(Vector(before), Vector(after));
    }

    [Fact]
    public async Task What_is_said_before_a_tuning_is_what_it_then_trains_and_trains_on()
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { Epochs = 1, LastBlocks = 1 };
        var outlook = await TuneStage.OutlookAsync(new TunedEncoder("clip", TuneShop.Card, options, _shop.PathOf("tuned")), _shop.Ingest, Cancellation);
        Assert.False(Directory.Exists(_shop.PathOf("tuned")));
        await Run(_shop.Step("tuned", options));
        var facts = Manifest.Read(_shop.PathOf("tuned")).Facts;
        Assert.Equal(new TunedPairs(TuneShop.Items, (int)facts["pairs"]!["pairs"]!, (int)facts["heldOut"]!, Batches: 4, BatchSize: 8, KeptBytes: 0), outlook.Pairs);
        var parameters = TrainableEncoder.Open(_shop.PathOf("tuned")).TuningGraph(TuningLoss.Itc).Graph.Parameters;
        var before = TrainableEncoder.Open(TuneShop.Card).TuningGraph(TuningLoss.Itc).Graph.Parameters.ToDictionary(p => p.Name, p => p.Value!.As<float>());
        Assert.Equal(parameters.Sum(p => p.Value!.As<float>().Length), outlook.Blocks.Sum(b => b.Trained + b.Frozen));
        Assert.Equal(parameters.Where(p => !p.Value!.As<float>().SequenceEqual(before[p.Name])).Sum(p => before[p.Name].Length), outlook.Blocks.Sum(b => b.Trained));
    }

    [Fact]
    public async Task The_same_tuning_gives_the_same_bytes()
    {
        await _shop.WriteAsync();
        await Run(_shop.Step("one"));
        await Run(_shop.Step("other"));
        Assert.Equal(_shop.HashesOf("one"), _shop.HashesOf("other"));
    }

    [Fact]
    public async Task Blocks_below_the_last_ones_keep_their_weights()
    {
        await _shop.WriteAsync();
        await Run(_shop.Step("tuned", TuneShop.Short with { Epochs = 1, LastBlocks = 1 }));
        var tuned = SafeTensors.Read(Path.Combine(_shop.PathOf("tuned"), Encoder.WeightsFile));
        var parent = TrainableEncoder.Open(TuneShop.Card).TuningGraph(TuningLoss.Itc).Graph;
        foreach (var parameter in parent.Parameters)
        {
            var isTrained = Blocks.Of(parent).Of(parameter.Name).Depth <= 1;
            Assert.True(isTrained != parameter.Value!.As<float>().AsSpan().SequenceEqual(tuned[parameter.Name].As<float>()), parameter.Name);
        }
        Assert.Contains("visual.transformer.resblocks.2.attn.in_proj_weight", tuned.Keys);
    }

    [Fact]
    public async Task More_blocks_than_there_are_are_refused_with_the_number_of_blocks()
    {
        await _shop.WriteAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(_shop.Step("tuned", TuneShop.Short with { LastBlocks = 4 })));
        Assert.Contains("lastBlocks is 4, and a tower has 3; take 3 or less", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Activations_that_are_worked_out_again_give_the_same_encoder()
    {
        await _shop.WriteAsync();
        await Run(_shop.Step("kept", TuneShop.Short with { Epochs = 1 }));
        await Run(_shop.Step("recomputed", TuneShop.Short with { Epochs = 1, Recompute = true }));
        Assert.Equal(_shop.HashesOf("kept")[Encoder.WeightsFile], _shop.HashesOf("recomputed")[Encoder.WeightsFile]);
    }

    [Theory]
    [InlineData(2, "goes on with epoch 1 after 2 of 4 batches")]
    [InlineData(9, "goes on with epoch 3 after 1 of 4 batches")]
    public async Task A_killed_tuning_goes_on_after_its_last_batch_and_gives_the_same_bytes(int updates, string goesOn)
    {
        await _shop.WriteAsync();
        await Run(_shop.Step("whole"));
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var step = _shop.Step("killed");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(step, new KillAfter(updates - 1, kill, "tune"), new HourByHour(), kill.Token));
        Assert.False(Directory.Exists(step.Folder));
        var resumed = new KillAfter(int.MaxValue, kill, "tune");
        await SmallShop.RunAsync(step, resumed, new HourByHour(), Cancellation);
        Assert.Contains($"tune/clip: runs ({goesOn})", resumed.Notes);
        Assert.Equal(updates, resumed.First);
        Assert.Equal(_shop.HashesOf("whole"), _shop.HashesOf("killed"));
        Assert.Empty(Directory.EnumerateDirectories(_shop.PathOf("."), "*~unfinished"));
    }

    [Fact]
    public async Task VLMo_is_tuned_by_contrast_matching_and_words_and_a_killed_tuning_of_it_gives_the_same_bytes()
    {
        await _shop.WriteAsync();
        var card = _shop.Vlmo();
        await Run(_shop.Step("whole", card: card));
        var history = await TableFile.ReadAsync<TuningRow>(TableFile.PathOf<TuningRow>(_shop.PathOf("whole")), Cancellation);
        foreach (var epoch in new[] { 1, 2, 3 })
        {
            double Of(string name) => history.Single(row => row.Epoch == epoch && row.Name == name).Value;
            Assert.Equal(Of("loss"), Of("contrast") + Of("matching") + 0.25 * Of("words"), 1e-5);
        }
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(_shop.Step("killed", card: card), new KillAfter(5, kill, "tune"), new HourByHour(), kill.Token));
        await Run(_shop.Step("killed", card: card));
        Assert.Equal(_shop.HashesOf("whole"), _shop.HashesOf("killed"));
    }

    [Fact]
    public async Task Hard_negatives_and_augmented_pictures_are_the_same_after_a_kill()
    {
        await _shop.WriteAsync();
        var options = TuneShop.Short with { HardNegatives = 2, Augment = true };
        await Run(_shop.Step("whole", options));
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(_shop.Step("killed", options), new KillAfter(5, kill, "tune"), new HourByHour(), kill.Token));
        await Run(_shop.Step("killed", options));
        Assert.Equal(_shop.HashesOf("whole"), _shop.HashesOf("killed"));
        await Run(_shop.Step("plain", options with { Augment = false }));
        Assert.NotEqual(_shop.HashesOf("whole")[Encoder.WeightsFile], _shop.HashesOf("plain")[Encoder.WeightsFile]);
    }

    [Fact]
    public void An_encoder_of_one_modality_is_refused_before_anything_runs()
    {
        var card = Path.Combine(Beside.Checkout, "onnx-models", "minilm-l6");
        var error = Assert.Throws<ConfigurationException>(() => _shop.Step("tuned", card: card));
        Assert.Contains("encoder 'clip' cannot be tuned: it reads no pictures", error.Message, StringComparison.Ordinal);
    }

    private static Task<StepOutcome> Run(Step step) => SmallShop.RunAsync(step);
}
