using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

/// <summary>What cannot be tuned, or not as it was asked for, ends with what is wrong and what to do, and never with half an encoder.</summary>
public sealed class TuneFaultTests : IDisposable
{
    private readonly TuneShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData(20, 19, 18)]
    [InlineData(20, 128, 18)]
    public async Task Fewer_pairs_than_a_batch_are_one_batch_and_the_user_is_told(int items, int wanted, int taken)
    {
        await _shop.WriteAsync(items);
        var notes = new KillAfter(int.MaxValue, null, "tune");
        await SmallShop.RunAsync(_shop.Step("tuned", TuneShop.Short with { Batch = wanted, Epochs = 2 }), notes, TimeProvider.System, Cancellation);
        Assert.Contains($"clip: the 18 pairs that are trained on fill no batch of {wanted}, in which all pictures and all texts differ; {taken} are taken", notes.Notes);
        Assert.Equal(2, (int)Manifest.Read(_shop.PathOf("tuned")).Facts["epochs"]!);
    }

    [Fact]
    public async Task A_shop_without_pairs_is_refused_with_what_its_items_lack()
    {
        using var catalogue = new CatalogueFolder();
        await catalogue.WriteAsync([("a mug", null, null), ("", Pictures.Png(Pictures.Draw(20, 20, 1)), null), ("tea", null, null)]);
        var error = await FailsAsync(TuneStage.Steps([new TunedEncoder("clip", TuneShop.Card, TuneShop.Short, _shop.PathOf("tuned"))], catalogue.Ingest).Single());
        Assert.Contains("0 items have a picture and a text; tuning needs 2 or more. 2 have no picture, 1 have one but no text", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_that_all_show_one_placeholder_are_named_as_such()
    {
        using var catalogue = new CatalogueFolder();
        await catalogue.WriteAsync([.. Enumerable.Range(0, 20).Select(i => ($"thing {i}", (byte[]?)Pictures.Png(Pictures.Draw(20, 20, 1)), (string?)null))]);
        var error = await FailsAsync(TuneStage.Steps([new TunedEncoder("clip", TuneShop.Card, TuneShop.Short, _shop.PathOf("tuned"))], catalogue.Ingest).Single());
        Assert.Contains("2 or more are needed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_whose_weights_are_no_numbers_is_named_before_the_first_update()
    {
        await _shop.WriteAsync();
        var card = _shop.PathOf("damaged");
        EncoderModels.Init(TuneShop.Card, 1, card);
        var file = Path.Combine(card, Encoder.WeightsFile);
        var weights = SafeTensors.Read(file).ToDictionary();
        weights["visual.proj"].As<float>()[3] = float.NaN;
        SafeTensors.Write(file, weights);
        var error = await FailsAsync(_shop.Step("tuned", card: card));
        Assert.Contains("encoder 'clip' cannot be tuned: before the first update", error, StringComparison.Ordinal);
        Assert.Contains("its weights are damaged", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_without_gradient_is_named_with_the_blocks_that_can_be_trained()
    {
        await _shop.WriteAsync();
        var card = Gapped();
        var error = await FailsAsync(_shop.Step("tuned", card: card));
        Assert.Contains("'gap/LeakyReluGradient' (LeakyReluGradient) has no gradient", error, StringComparison.Ordinal);
        Assert.EndsWith("train those behind it alone: lastBlocks 1 or less", error, StringComparison.Ordinal);
        await SmallShop.RunAsync(_shop.Step("tuned", TuneShop.Short with { LastBlocks = 1, Epochs = 1 }, card));
        Assert.True(Directory.Exists(_shop.PathOf("tuned")));
    }

    [Fact]
    public async Task A_learning_rate_that_diverges_at_once_is_named_and_leaves_no_artifact()
    {
        await _shop.WriteAsync();
        var error = await FailsAsync(_shop.Step("tuned", TuneShop.Short with { LearningRate = 1, WarmUp = 0, Schedule = TuneSchedule.Constant, MaxGradientNorm = 1e6 }));
        Assert.StartsWith("clip: tuning diverged in epoch 1", error, StringComparison.Ordinal);
        Assert.EndsWith("lower the learning rate (encoders[].tune.learningRate)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tuning_that_diverges_after_a_good_epoch_keeps_that_and_says_so_ever_after()
    {
        await _shop.WriteAsync();
        // The rate rises all the while: in the first epoch it is small.
        var step = _shop.Step("tuned", TuneShop.Short with { Epochs = 6, LearningRate = 1, WarmUp = 1, Schedule = TuneSchedule.Constant, MaxGradientNorm = 1e6 });
        var notes = new KillAfter(int.MaxValue, null, "tune");
        await SmallShop.RunAsync(step, notes, TimeProvider.System, Cancellation);

        var facts = Manifest.Read(_shop.PathOf("tuned")).Facts;
        var (best, stopped) = ((int)facts["bestEpoch"]!, (string)facts[Manifest.Stopped]!);
        Assert.StartsWith($"tuning diverged in epoch {(int)facts["epochs"]! + 1}, batch ", stopped, StringComparison.Ordinal);
        Assert.EndsWith($"the encoder of epoch {best} was kept", stopped, StringComparison.Ordinal);
        Assert.Contains($"warning: clip: {stopped}", notes.Notes);
        var history = await TableFile.ReadAsync<TuningRow>(TableFile.PathOf<TuningRow>(_shop.PathOf("tuned")), Cancellation);
        Assert.Equal(history.Single(row => row.Decides && row.Epoch == best).Value, (double)facts["measured"]![HeldOut.Loss]!);
        Assert.Equal([stopped], (await StepState.OfAsync(step, "cpu", Cancellation)).Reasons);
        var again = new KillAfter(int.MaxValue, null, "tune");
        await SmallShop.RunAsync(step, again, TimeProvider.System, Cancellation);
        Assert.Equal([$"tune/clip: nothing changed, skipped ({stopped})"], again.Notes);
    }

    [Fact]
    public void A_default_that_is_given_by_hand_is_the_same_tuning()
    {
        var given = new TuneOptions { Loss = LmmRec.Encoders.Training.TuningLoss.Itc, LearningRate = 1e-5 };
        Assert.Equal(_shop.Step("tuned", new TuneOptions()).Options.ToJsonString(), _shop.Step("tuned", given).Options.ToJsonString());
        Assert.NotEqual(_shop.Step("tuned", new TuneOptions()).Options.ToJsonString(), _shop.Step("tuned", given with { LearningRate = 2e-5 }).Options.ToJsonString());
    }

    [Fact]
    public async Task The_card_of_a_tuned_encoder_says_what_it_is()
    {
        await _shop.WriteAsync();
        await SmallShop.RunAsync(_shop.Step("tuned", TuneShop.Short with { Epochs = 1 }));
        Assert.Equal("clip-small, fine-tuned on pairs of picture and text; the section tuned says from what and by what", EncoderCard.Read(_shop.PathOf("tuned")).Description);
    }

    private static async Task<string> FailsAsync(Step step)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => SmallShop.RunAsync(step));
        Assert.False(Directory.Exists(step.Folder));
        return error.Message;
    }

    // An encoder of three blocks a side, whose pictures pass an operator without gradient behind the second.
    private string Gapped()
    {
        const int width = 8, side = 16, length = 8, vocabulary = 821;
        var card = Directory.CreateDirectory(_shop.PathOf("gapped")).FullName;
        var picture = new Graph("picture");
        var pixels = picture.Input("photo", ElementType.Float32, ["n", 3, side, side]).ReduceMean([2, 3]); // [n, 3]
        Save(picture, Blocks(picture, pixels.MatMul(picture.Parameter("first", [3, width], Initializers.Normal(1))), gap: 1));
        var text = new Graph("text");
        var ids = text.Input("words", ElementType.Int64, ["n", length]);
        Save(text, Blocks(text, text.Parameter("table", [vocabulary, width], Initializers.Normal(1))[ids].ReduceMean([1]), gap: -1));
        File.Copy(Path.Combine(TuneShop.Card, "merges.txt"), Path.Combine(card, "merges.txt"));
        File.WriteAllText(Path.Combine(card, EncoderCard.FileName), $$"""
            { "onnx": { "visual": { "file": "picture.onnx", "input": "photo", "output": "vector" }, "textual": { "file": "text.onnx", "input": "words", "output": "vector" } },
              "image": { "resizeTo": {{side}}, "crop": {{side}} },
              "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": {{vocabulary}}, "length": {{length}} } }
            """);
        return card;

        void Save(Graph g, Tensor vector)
        {
            g.Output("vector", vector);
            g.Initialize(new SeededRandom(5));
            g.Save(Path.Combine(card, g.Name + ".onnx"));
        }

        static Tensor Blocks(Graph g, Tensor x, int gap)
        {
            for (var block = 0; block < 3; block++)
            {
                x = x.MatMul(g.Parameter($"{g.Name}.blocks.{block}.w", [width, width], Initializers.Normal(0.4))).Tanh();
                if (block != gap) continue;
                using var scope = g.Scope("gap");
                x = g.Add("LeakyReluGradient", x, x, g.Constant(TensorData.Scalar(0.1f)));
            }
            return x;
        }
    }
}
