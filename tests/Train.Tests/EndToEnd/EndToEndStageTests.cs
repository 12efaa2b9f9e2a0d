using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Tests.Tuning;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.EndToEnd;

public sealed class EndToEndStageTests : IDisposable
{
    private const int Epochs = 3;

    private readonly EndToEndShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData(EndToEndMode.Step)]
    [InlineData(EndToEndMode.Epoch)]
    public async Task The_artifact_holds_the_encoder_whose_vectors_the_recommender_has(EndToEndMode mode)
    {
        await _shop.WriteAsync();
        var step = Step("models", mode);
        await Run(step, Cancellation);

        var folder = Path.Combine(step.Folder, "encoder", "clip");
        Assert.Contains(Changed(folder), name => name.StartsWith("visual", StringComparison.Ordinal));
        Assert.Contains(Changed(folder), name => !name.StartsWith("visual", StringComparison.Ordinal));
        using var encoder = Encoder.Open(folder, new RuntimeOptions());
        int[] shown = [.. Enumerable.Range(0, EndToEndShop.Items).Where(item => item != EndToEndShop.WithoutPicture)];
        var expected = encoder.Pictures!.VectorsOf([.. shown.Select(_shop.PictureOf)]);
        var checkpoint = (string)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(step.Folder, "checkpoint.json"), Cancellation))!["tensors"]!;
        var table = SafeTensors.Read(Path.Combine(step.Folder, checkpoint))["visual/features"].As<float>().Chunk(expected[0].Length).ToList();
        foreach (var (vector, item) in expected.Zip(shown)) AssertClose(vector, table[item]);
        AssertClose([.. Enumerable.Range(0, expected[0].Length).Select(n => expected.Average(vector => vector[n]))], table[EndToEndShop.WithoutPicture]);
    }

    [Fact]
    public async Task The_history_has_gradient_norms_and_learning_rates_of_both()
    {
        await _shop.WriteAsync();
        var step = Step("models", EndToEndMode.Step);
        await Run(step, Cancellation);
        var history = await TableFile.ReadAsync<HistoryRow>(TableFile.PathOf<HistoryRow>(step.Folder), Cancellation);
        foreach (var name in new[] { "loss", "bpr", "gradient_norm", "clip/gradient_norm" })
            Assert.Equal(Epochs, history.Count(row => row.Name == name && row.Value > 0));
        Assert.All(history.Where(row => row.Name == "clip/learning_rate"), row => Assert.Equal(1e-3, row.Value, 1e-12));
        Assert.All(history.Where(row => row.Name == "learning_rate"), row => Assert.Equal(0.01, row.Value, 1e-12));
    }

    [Theory]
    [InlineData(EndToEndMode.Step, KeptPrefix.None)]
    [InlineData(EndToEndMode.Epoch, KeptPrefix.None)]
    [InlineData(EndToEndMode.Step, KeptPrefix.Float16)]
    public async Task A_killed_training_goes_on_and_gives_the_same_bytes(EndToEndMode mode, KeptPrefix kept)
    {
        var options = new EndToEndOptions { LearningRate = 1e-3, EncoderItems = 6, MicroBatch = 4, LastBlocks = kept == KeptPrefix.None ? null : 1, KeepPrefix = kept };
        await _shop.WriteAsync();
        await Run(Step("whole", mode, options), Cancellation);

        var step = Step("killed", mode, options);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(step, kill.Token, new KillAfter(8, kill))); // batches, 4 an epoch
        Assert.False(Directory.Exists(step.Folder));
        var resumed = new KillAfter(int.MaxValue, kill);
        await Run(step, Cancellation, resumed);

        Assert.True(resumed.First > 0, "it began anew");
        string[] names = [.. Directory.EnumerateFiles(step.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(step.Folder, file)).Where(name => name != "timings.json")];
        Assert.Contains(Path.Combine("encoder", "clip", "card.json"), names);
        foreach (var name in names)
            Assert.True(File.ReadAllBytes(Path.Combine(step.Folder, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Step("whole", mode, options).Folder, name))), $"{name} differs");
    }

    [Fact]
    public async Task A_learning_rate_that_diverges_at_once_is_named_and_leaves_no_artifact()
    {
        await _shop.WriteAsync();
        var step = Step("models", EndToEndMode.Step, new EndToEndOptions { LearningRate = 1, EncoderItems = 6, MicroBatch = 4, MaxGradientNorm = 1e6 });
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(step, Cancellation));
        Assert.StartsWith("vbpr-clip-ete-vt-s999: training diverged in epoch 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("lower train.options.vbpr.learningRate or train.ete.learningRate", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(step.Folder));
    }

    [Fact]
    public async Task A_training_that_diverges_after_a_good_epoch_keeps_that_and_says_so()
    {
        await _shop.WriteAsync();
        // The encoder learns once an epoch, after the recommender's batches: what that spoils is seen in the next.
        var step = Step("models", EndToEndMode.Epoch, new EndToEndOptions { LearningRate = 0.1, MicroBatch = 4, MaxGradientNorm = 1e6 });
        var notes = new KillAfter(int.MaxValue, null);
        await Run(step, Cancellation, notes);
        var facts = Manifest.Read(step.Folder).Facts;
        var stopped = (string)facts[Manifest.Stopped]!;
        Assert.StartsWith($"training diverged in epoch {facts["epochs"]} (the loss rose from", stopped, StringComparison.Ordinal);
        Assert.EndsWith($"the model of epoch {facts["bestEpoch"]} was kept", stopped, StringComparison.Ordinal);
        Assert.Contains($"warning: vbpr-clip-ete-vt-s999: {stopped}", notes.Notes);
        Assert.True(Directory.Exists(Path.Combine(step.Folder, "encoder", "clip")));
    }

    [Fact]
    public void Steps_between_two_item_graphs_are_no_matter_of_a_recommender_that_has_none()
    {
        Assert.Equal(Recipe("vbpr", 10), Recipe("vbpr", 5));
        Assert.NotEqual(Recipe("lattice", 10), Recipe("lattice", 5));

        string Recipe(string recommender, int every) =>
            _shop.Training(new TrainOptions { Recommenders = [recommender], Ete = new EndToEndOptions { ItemGraphEvery = every } }, "models").Options.ToJsonString();
    }

    [Fact]
    public async Task Below_the_last_blocks_all_weights_stay_as_they_were()
    {
        await _shop.WriteAsync();
        var step = Step("models", EndToEndMode.Step, new EndToEndOptions { LastBlocks = 1, LearningRate = 1e-3 });
        await Run(step, Cancellation);
        var changed = Changed(Path.Combine(step.Folder, "encoder", "clip"));
        Assert.Contains(changed, name => name.Contains("resblocks.2", StringComparison.Ordinal));
        Assert.DoesNotContain(changed, name => name.Contains("resblocks.0", StringComparison.Ordinal) || name.Contains("resblocks.1", StringComparison.Ordinal) || name.Contains("embedding", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_card_of_the_encoder_says_what_it_was_trained_on()
    {
        await _shop.WriteAsync();
        var step = Step("models", EndToEndMode.Epoch);
        await Run(step, Cancellation);
        var tuned = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(step.Folder, "encoder", "clip", "card.json"), Cancellation))!["tuned"]!;
        Assert.Equal(Manifest.TryRead(step.Folder)!.Recipe.Inputs["ingest"], (string?)tuned["ingest"]);
        Assert.Equal("epoch", (string?)tuned["ete"]!["mode"]);
    }

    [Fact]
    public void An_encoder_of_rounded_weights_is_refused_before_anything_runs()
    {
        var card = Directory.CreateDirectory(_shop.PathOf("rounded")).FullName;
        foreach (var file in Directory.GetFiles(TuneShop.Card)) File.Copy(file, Path.Combine(card, Path.GetFileName(file)));
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(card, "card.json")))!;
        json["precision"] = "half";
        File.WriteAllText(Path.Combine(card, "card.json"), json.ToJsonString());
        var error = Assert.Throws<ConfigurationException>(() => _shop.Training(new TrainOptions { Recommenders = ["vbpr"] }, "models", card));
        Assert.Contains("encoder 'clip' cannot be trained end to end: its precision is half", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_last_blocks_than_a_tower_has_are_refused_before_a_case_is_trained()
    {
        var options = new TrainOptions { Recommenders = ["vbpr"], Ete = new EndToEndOptions { LastBlocks = 1 } };
        _shop.Training(options, "models").Check();
        var error = Assert.Throws<InvalidInputException>(() => _shop.Training(options with { Ete = new EndToEndOptions { LastBlocks = 40 } }, "models").Check());
        Assert.StartsWith("train.ete: encoder 'clip' cannot be trained end to end", error.Message, StringComparison.Ordinal);
        Assert.Contains("lastBlocks is 40, and a tower has", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_is_looked_at_once_however_many_cases_train_it()
    {
        var card = Directory.CreateDirectory(_shop.PathOf("once")).FullName;
        foreach (var file in Directory.GetFiles(TuneShop.Card)) File.Copy(file, Path.Combine(card, Path.GetFileName(file)));
        var options = new TrainOptions { Recommenders = ["vbpr"], Seeds = [1, 2] };
        var steps = TrainStage.Steps(options, TrainCase.All(options, [_shop.Source(card)]), _shop.PathOf("ingest"), _shop.PathOf("models"));
        steps[0].Check();
        foreach (var file in Directory.GetFiles(card)) File.Delete(file);
        steps[1].Check();
    }

    private Step Step(string models, EndToEndMode mode, EndToEndOptions? options = null) => _shop.Training(
        new TrainOptions
        {
            Recommenders = ["vbpr"],
            Epochs = Epochs,
            BatchSize = 12,
            Ete = (options ?? new EndToEndOptions { LearningRate = 1e-3, EncoderItems = 6, MicroBatch = 4 }) with { Mode = mode },
            Options = new JsonObject { ["vbpr"] = new JsonObject { ["learningRate"] = 0.01, ["dimensions"] = 8, ["reg"] = 0.1 } },
        },
        models);

    // The names of the weights that differ from the card's.
    private static IReadOnlyList<string> Changed(string folder)
    {
        var before = Weights(TuneShop.Card);
        return [.. Weights(folder).Where(weight => !weight.Value.AsSpan().SequenceEqual(before[weight.Key])).Select(weight => weight.Key)];
    }

    private static Dictionary<string, float[]> Weights(string folder)
    {
        var encoder = TrainableEncoder.Open(folder);
        return encoder.Visual!.Parameters.Concat(encoder.Textual!.Parameters).DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value!.As<float>());
    }

    private static Task<StepOutcome> Run(Step step, CancellationToken cancellation, KillAfter? progress = null) =>
        SmallShop.RunAsync(step, progress ?? new KillAfter(int.MaxValue, null), new HourByHour(), cancellation);

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }
}
