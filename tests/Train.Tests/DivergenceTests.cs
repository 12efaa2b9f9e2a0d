using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;

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
        var step = Training(64, 32);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => SmallShop.RunAsync(step));
        Assert.StartsWith("vbpr-both-pt-v-s999: all 2 settings diverged, and there is no model to keep; the first: training diverged in epoch 0", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(step.Folder));
    }

    private Step Training(params int[] dimensions) => _shop.Training(
        new TrainOptions
        {
            Recommenders = ["vbpr"],
            Modalities = ["v"],
            Epochs = 2,
            BatchSize = 32,
            Options = new JsonObject { ["vbpr"] = new JsonObject { ["dimensions"] = new JsonArray([.. dimensions.Select(width => JsonValue.Create(width))]) } },
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
