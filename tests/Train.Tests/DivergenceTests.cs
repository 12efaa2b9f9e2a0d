using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Train.Tests;

/// <summary>A training whose numbers are none any more gives no model: it loses against other settings, and alone it ends with an error.</summary>
public sealed class DivergenceTests : IDisposable
{
    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task A_setting_that_diverges_is_a_trial_without_a_value_and_the_others_go_on()
    {
        // No batch meets the item: its vector grows with the weights alone, and with a score of it beyond all numbers where they grow by whole ones.
        _shop.Pairs.RemoveAll(pair => pair.Item == 5);
        _shop.Visual[5]!.AsSpan().Fill(1e36f);
        await _shop.WriteAsync();
        var step = Training(1, 1e-8);
        var notes = new KillAfter(int.MaxValue, null);
        await SmallShop.RunAsync(step, notes, TimeProvider.System, Cancellation);
        var trials = await TableFile.ReadAsync<TrialRow>(TableFile.PathOf<TrialRow>(step.Folder), Cancellation);
        Assert.Equal([("learningRate=1", false, false), ("learningRate=1E-08", true, true)], trials.Select(trial => (trial.Setting, trial.Validation is not null, trial.Chosen)));
        Assert.Contains(notes.Notes, note => note.StartsWith("warning: vbpr-both-pt-v-s999: learningRate=1: training diverged in epoch ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_all_settings_diverge_the_case_fails_and_says_so()
    {
        foreach (var vector in _shop.Visual) vector!.AsSpan().Fill(1e30f);
        await _shop.WriteAsync();
        var step = Training(1, 0.5);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => SmallShop.RunAsync(step));
        Assert.StartsWith("vbpr-both-pt-v-s999: all 2 settings diverged, and there is no model to keep; the first: training diverged in epoch 0", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(step.Folder));
    }

    private Step Training(params double[] learningRates) => _shop.Training(
        new TrainOptions
        {
            Recommenders = ["vbpr"],
            Modalities = ["v"],
            Epochs = 2,
            BatchSize = 32,
            Options = new JsonObject { ["vbpr"] = new JsonObject { ["learningRate"] = new JsonArray([.. learningRates.Select(rate => JsonValue.Create(rate))]) } },
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
