using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Train.Tests;

/// <summary>A training whose numbers are none any more gives no model: it loses against other settings, and alone it ends with an error.</summary>
public sealed class DivergenceTests : IDisposable
{
    private readonly SmallShop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_loss_that_is_no_number_names_case_epoch_and_batch_and_what_to_change()
    {
        foreach (var vector in _shop.Visual) vector!.AsSpan().Fill(1e30f);
        await Fails("vbpr-both-pt-v-s999: training diverged in epoch 0, batch 0", "'loss'", "lower train.options.vbpr.learningRate");
    }

    [Fact]
    public async Task A_vector_that_is_no_number_is_noticed_though_no_batch_met_it()
    {
        _shop.Pairs.RemoveAll(pair => pair.Item == 5);
        _shop.Visual[5]!.AsSpan().Fill(3e38f);
        await Fails("vbpr-both-pt-v-s999: training diverged in epoch 0", "the vector of");
    }

    [Fact]
    public async Task Where_all_settings_diverge_the_case_fails_and_says_so()
    {
        foreach (var vector in _shop.Visual) vector!.AsSpan().Fill(1e30f);
        await _shop.WriteAsync();
        var step = Training("dimensions", new JsonArray(64, 32));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => SmallShop.RunAsync(step));
        Assert.StartsWith("vbpr-both-pt-v-s999: all 2 settings diverged, and there is no model to keep; the first: training diverged in epoch 0", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(step.Folder));
    }

    [Fact]
    public async Task Where_one_of_two_settings_diverges_the_other_is_kept_and_the_trials_say_so()
    {
        // Squares that are numbers as the weights are drawn, and none any more once steps of 1 made the weights large.
        foreach (var vector in _shop.Visual) TensorPrimitives.Multiply(vector, 4e17f, vector);
        await _shop.WriteAsync();
        var step = Training("learningRate", new JsonArray(1, 1e-8));
        await SmallShop.RunAsync(step);
        var trials = await TableFile.ReadAsync<TrialRow>(TableFile.PathOf<TrialRow>(step.Folder), TestContext.Current.CancellationToken);
        Assert.Equal([("learningRate=1", false, false, false), ("learningRate=1E-08", true, true, true)], trials.Select(trial => (trial.Setting, trial.BestEpoch is not null, trial.Validation is not null, trial.Chosen)));
        var facts = Manifest.Read(step.Folder).Facts;
        Assert.Equal((1e-8, 2), ((double)facts["setting"]!["learningRate"]!, (int)facts["settingsTried"]!));
        Assert.Null(facts[Manifest.Stopped]); // the one that was kept ran to its end
    }

    private Step Training(string option, JsonArray values) => _shop.Training(
        new TrainOptions
        {
            Recommenders = ["vbpr"],
            Modalities = ["v"],
            Epochs = 4,
            EvaluateEvery = 4,
            BatchSize = 32,
            Options = new JsonObject { ["vbpr"] = new JsonObject { [option] = values } },
        },
        "models");

    private async Task Fails(params string[] texts)
    {
        await _shop.WriteAsync();
        var step = _shop.Training(new TrainOptions { Recommenders = ["vbpr"], Modalities = ["v"], Epochs = 2, BatchSize = 32 }, "models");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => SmallShop.RunAsync(step));
        Assert.All(texts, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(step.Folder));
    }
}
