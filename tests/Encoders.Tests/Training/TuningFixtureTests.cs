using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Tests.Architectures;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Training;

/// <summary>The losses and gradients of the authors' code, through the graph that is tuned.</summary>
[Trait("Category", "Fixtures")]
public sealed class TuningFixtureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clip_is_tuned_by_the_gradients_of_its_authors_code()
    {
        var fixture = new EncoderFixture("clip_tiny");
        var tuning = Open(fixture, fixture.Size("image_resolution"), fixture.Size("context_length"), $$"""
            "clip": { "joint": {{fixture.Size("embed_dim")}}, "patch": {{fixture.Size("vision_patch_size")}},
                "vision": { "width": {{fixture.Size("vision_width")}}, "layers": {{fixture.Size("vision_layers")}}, "heads": {{fixture.Json["vision_heads"]}} },
                "text": { "width": {{fixture.Size("transformer_width")}}, "layers": {{fixture.Size("transformer_layers")}}, "heads": {{fixture.Size("transformer_heads")}} } }
            """).TuningGraph(TuningLoss.Itc);
        AddLoss(tuning);
        var batch = new Batch { [EncoderGraph.Pixels] = fixture.Input("image"), [EncoderGraph.Ids] = fixture.Input("text") };
        using var model = InferenceModel.Open(tuning.Graph);
        fixture.EqualLoss("itc_loss", model.Run(batch)["loss"]);
        fixture.EqualGradients(tuning.Graph, batch);
    }

    [Fact]
    public void Vlmo_is_tuned_by_the_losses_and_gradients_of_its_authors_code()
    {
        var fixture = new EncoderFixture("vlmo_tiny");
        var tuning = Open(fixture, fixture.Size("img_size"), fixture.Size("max_text_len"), $$"""
            "vlmo": { "patch": {{fixture.Size("patch_size")}}, "fusionStart": {{fixture.Size("vlffn_start_layer_index")}},
                "transformer": { "width": {{fixture.Size("embed_dim")}}, "layers": {{fixture.Size("depth")}}, "heads": {{fixture.Size("num_heads")}} } }
            """).TuningGraph(TuningLoss.Vlmo);
        var parts = AddLoss(tuning);
        var (image, text) = (fixture.Input("image"), fixture.Input("text"));
        var mask = TensorData.Of(Array.ConvertAll(text.As<long>(), id => id > 0 ? 1L : 0L), text.Shape); // the reference pads with 0
        // It matches only pairs of one index, some of them wrong: those are given as wrong pictures, and no wrong text counts.
        var labels = fixture.Json["itm_labels"]!.AsArray().Select(l => (long)l!).ToArray();
        long[] matches = [.. labels.Select(l => l == 1 ? 1L : -1), .. labels.Select(l => l == 0 ? 0L : -1), .. labels.Select(_ => -1L)];
        var batch = new Batch
        {
            [EncoderGraph.Pixels] = image,
            [EncoderGraph.Ids] = text,
            [EncoderGraph.Mask] = mask,
            [FusedLoss.WrongPixels] = image,
            [FusedLoss.WrongIds] = text,
            [FusedLoss.WrongMask] = mask,
            [FusedLoss.Matches] = TensorData.Of(matches),
            [FusedLoss.MaskedIds] = fixture.Input("masked_text"),
            [FusedLoss.WordLabels] = fixture.Input("mlm_labels"),
        };
        using var model = InferenceModel.Open(tuning.Graph);
        var outputs = model.Run(batch);
        foreach (var (name, output) in parts.Zip(["itc_loss", "itc_vl_loss"], (output, name) => (name, output)).Append(("itm_loss", FusedLoss.Matching)).Append(("mlm_loss", FusedLoss.Words)))
            fixture.EqualLoss(name, outputs[output]);
        fixture.EqualGradients(tuning.Graph, batch);
    }

    private static List<string> AddLoss(TuningGraph tuning)
    {
        var (graph, parts) = (tuning.Graph, new List<string>());
        Tensor? sum = null;
        foreach (var pair in tuning.Contrasts)
        {
            var loss = graph.Output($"contrast_{pair.Images}", tuning.Contrast(pair, graph.Outputs[pair.Images], graph.Outputs[pair.Texts]));
            parts.Add(loss.Name);
            sum = sum is null ? loss * pair.Weight : sum + loss * pair.Weight;
        }
        if (tuning.IsFused) sum = sum! + graph.Outputs[FusedLoss.Matching] + graph.Outputs[FusedLoss.Words] * FusedLoss.WordsWeight;
        graph.Output("loss", sum!);
        return parts;
    }

    // An encoder with the reference's weights, and a vocabulary that no test reads texts by.
    private TrainableEncoder Open(EncoderFixture fixture, int side, int length, string architecture)
    {
        var vocabulary = fixture.Size("vocab_size");
        File.WriteAllLines(_folder.PathOf("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", .. Enumerable.Range(3, vocabulary - 4).Select(i => $"w{i}"), "[SEP]"]);
        File.WriteAllText(_folder.PathOf(EncoderCard.FileName), $$"""
            { {{architecture}}, "image": { "resizeTo": {{side}}, "crop": {{side}} },
              "text": { "tokenizer": "word-piece", "file": "vocab.txt", "vocabulary": {{vocabulary}}, "length": {{length}} } }
            """);
        var card = EncoderCard.Read(_folder.Path);
        var graph = EncoderGraph.Build(card);
        fixture.SetWeights(graph);
        EncoderFiles.Write(_folder.Path, card, EncoderGraph.WeightsOf(graph));
        return TrainableEncoder.Open(_folder.Path);
    }
}
