using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Training;

public sealed class TrainableEncoderTests : IDisposable
{
    private static readonly string Small = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");
    private static readonly JsonObject Recipe = new() { ["epochs"] = 3 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_graph_that_is_trained_gives_the_vectors_of_the_encoder()
    {
        EncoderModels.Init(Small, seed: 3, _folder.PathOf("imported"));
        foreach (var folder in new[] { Small, _folder.PathOf("imported") })
        {
            var (expected, actual) = (Vectors.Of(folder), Vectors.Of(TrainableEncoder.Open(folder)));
            Vectors.AssertClose(expected.Visual, actual.Visual);
            Vectors.AssertClose(expected.Textual, actual.Textual);
        }
    }

    [Fact]
    public void What_is_written_gives_the_vectors_of_the_trained_weights()
    {
        var parent = TrainableEncoder.Open(Small);
        var doubled = new Dictionary<string, TensorData> { ["visual.proj"] = Doubled(parent, "visual.proj"), ["text_projection"] = Doubled(parent, "text_projection") };
        parent.Write(_folder.PathOf("tuned"), "tuned", doubled.GetValueOrDefault, Recipe, half: false);
        var (before, after) = (Vectors.Of(Small), Vectors.Of(_folder.PathOf("tuned")));
        Vectors.AssertClose([.. before.Visual.Select(v => Array.ConvertAll(v, x => 2 * x))], after.Visual);
        Vectors.AssertClose([.. before.Textual.Select(v => Array.ConvertAll(v, x => 2 * x))], after.Textual);

        static TensorData Doubled(TrainableEncoder encoder, string name)
        {
            var value = encoder.TuningGraph(TuningLoss.Itc).Graph.Parameters.First(p => p.Name == name).Value!;
            return TensorData.Of(Array.ConvertAll(value.As<float>(), x => 2 * x), value.Shape);
        }
    }

    [Fact]
    public void The_same_values_are_written_as_the_same_bytes()
    {
        foreach (var name in new[] { "a", "b" }) TrainableEncoder.Open(Small).Write(_folder.PathOf(name), "tuned", _ => null, Recipe, half: true);
        Assert.Equal(Contents("a"), Contents("b"));

        string[] Contents(string name) => [.. Directory.GetFiles(_folder.PathOf(name)).Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(File.ReadAllBytes(file))}")];
    }

    [Fact]
    public void Weights_in_16_bits_take_half_the_room_and_give_the_vectors_of_the_rounded_weights_exactly()
    {
        var parent = TrainableEncoder.Open(Small);
        var weights = EncoderGraph.DrawWeights(EncoderCard.Read(Small), EncoderCard.Read(Small).Weights.Seed!.Value);
        parent.Write(_folder.PathOf("half"), "tuned", _ => null, Recipe, half: true);
        parent.Write(_folder.PathOf("rounded"), "tuned", name => weights.TryGetValue(name, out var w) ? TensorData.Of(w.To(ElementType.Float16).ToFloats()).Reshaped(w.Shape) : null, Recipe, half: false);
        var (half, rounded) = (Vectors.Of(_folder.PathOf("half")), Vectors.Of(_folder.PathOf("rounded")));
        Assert.Equal(rounded.Visual, half.Visual);
        Assert.Equal(rounded.Textual, half.Textual);
        var bytes = Directory.GetFiles(_folder.PathOf("half")).Where(file => Path.GetExtension(file) != ".txt").Sum(file => new FileInfo(file).Length);
        Assert.InRange(bytes, 0, 2.0 * weights.Values.Sum(w => w.Values.LongLength) + 200_000);

        var again = TrainableEncoder.Open(_folder.PathOf("half"));
        Assert.All(again.TuningGraph(TuningLoss.Itc).Graph.Parameters, p => Assert.Equal(ElementType.Float32, p.Tensor.Type));
    }

    [Fact]
    public void A_tuned_encoder_says_how_it_came_about_and_keeps_its_temperature()
    {
        TrainableEncoder.Open(Small).Write(_folder.PathOf("tuned"), "tuned", name => name == "logit_scale" ? TensorData.Scalar(3.5f) : null, Recipe, half: false);
        var tuned = TrainableEncoder.Open(_folder.PathOf("tuned"));
        Assert.Equal("clip-small", (string?)tuned.Card.Tuned?["parent"]);
        Assert.Equal(3, (int?)tuned.Card.Tuned?["epochs"]);
        Assert.Equal(64, ((string?)tuned.Card.Tuned?["fingerprint"])?.Length);
        Assert.Null(tuned.Card.Weights.Seed);
        var graph = tuned.TuningGraph(TuningLoss.Itc);
        Assert.Equal([3.5f], graph.Graph.Parameters.First(p => p.Name == graph.Contrasts[0].LogitScale).Value!.As<float>());
    }

    [Fact]
    public void An_encoder_of_one_modality_is_refused_by_name_with_what_can_be_done()
    {
        var minilm = Path.Combine(Beside.Checkout, "onnx-models", "vgg16");
        Directory.CreateDirectory(_folder.PathOf("vgg16"));
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(minilm, "card.json")))!.AsObject();
        (card["vgg"]!["stages"], card["vgg"]!["hidden"], card["weights"]) = (new JsonArray(new JsonArray(4)), 8, new JsonObject { ["seed"] = 1 });
        File.WriteAllText(_folder.PathOf("vgg16/card.json"), card.ToJsonString());
        var refused = Assert.Throws<InvalidInputException>(() => TrainableEncoder.Open(_folder.PathOf("vgg16")).TuningGraph(TuningLoss.Itc));
        Assert.Contains("vgg16: reads pictures only", refused.Message, StringComparison.Ordinal);
        Assert.Contains("train.ete", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_in_8_bits_is_refused()
    {
        EightBitEncoder.Write(Small, _folder.PathOf("eight"), [], [], new RuntimeOptions());
        Assert.Contains("8-bit integers", Assert.Throws<InvalidInputException>(() => TrainableEncoder.Open(_folder.PathOf("eight"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_gains_and_temperatures_are_not_decayed()
    {
        var encoder = TrainableEncoder.Open(Small);
        var decayed = encoder.TuningGraph(TuningLoss.Itc).Graph.Parameters.Where(encoder.Decays).Select(p => p.Name).ToList();
        Assert.Contains("visual.proj", decayed);
        Assert.DoesNotContain(decayed, name => name.Contains("bias", StringComparison.Ordinal) || name.Contains("ln_", StringComparison.Ordinal) || name == "logit_scale");
    }
}
