using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>Encoders of which the lower blocks are frozen: what comes out of these is kept, and the rest has the same gradients.</summary>
public sealed class FrozenPrefixTests
{
    private static readonly TransformerSize Size = new() { Width = 24, Layers = 3, Heads = 3 };
    private static readonly ImagePreprocessing Pictures = new() { ResizeTo = [32], Crop = [32] };
    private static readonly TextTokenization Texts = new() { File = "unused", Vocabulary = 50, Length = 12 };

    /// <summary>An encoder, and how many of its blocks are trained together with what comes behind them; of the last one nothing does.</summary>
    public static TheoryData<string, int> Cases => [.. from card in new[] { "clip", "vlmo", "vlmo-relative", "bert" } from last in new[] { 0, 1, 2 } where (card, last) != ("bert", 0) select new TheoryDataRow<string, int>(card, last)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rest_on_the_kept_tokens_has_the_gradients_of_the_whole(string name, int last)
    {
        var card = Card(name);
        var graph = EncoderGraph.Build(card);
        graph.Initialize(new SeededRandom(3));
        var blocks = Blocks.Of(graph);
        foreach (var parameter in graph.Parameters) parameter.Trainable = blocks.Of(parameter.Name).Depth <= last;
        string[] vectors = [.. graph.Outputs.Keys];
        graph.Output("loss", vectors.Select(v => (graph.Outputs[v] - 0.3).ReduceSumSquare()).Aggregate((a, b) => a + b));
        var split = FrozenPrefix.Split(graph, ["loss"]);
        Assert.Equal(vectors.Length, split.Kept.Count);
        if (last > 0) Assert.All(split.Kept, kept => Assert.Equal((3, Size.Width), (split.Prefix.Outputs[kept].Rank, split.Prefix.Outputs[kept].Shape[^1].Value))); // tokens
        Assert.All(split.Prefix.Parameters, p => Assert.False(p.Trainable));
        Assert.DoesNotContain(split.Rest.Inputs, i => i.Name == EncoderGraph.Pixels);

        var batch = new Batch();
        if (card.Image is not null) batch[EncoderGraph.Pixels] = TensorData.Of([.. Enumerable.Range(0, 2 * 3 * 32 * 32).Select(i => MathF.Sin(i))], 2, 3, 32, 32);
        batch[EncoderGraph.Ids] = TensorData.Of([.. Enumerable.Range(0, 24).Select(i => (long)(i * 7 % 50))], 2, 12);
        batch[EncoderGraph.Mask] = TensorData.Of([.. Enumerable.Range(0, 24).Select(i => i % 12 < 9 ? 1L : 0)], 2, 12);
        using var prefix = InferenceModel.Open(split.Prefix);
        var rest = Of(batch, split.Rest);
        foreach (var (kept, value) in prefix.Run(Of(batch, split.Prefix))) rest[kept] = value;
        var (expected, actual) = (Gradients(graph, Of(batch, graph)), Gradients(split.Rest, rest));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (parameter, gradient) in expected)
        {
            var size = gradient.Max(Math.Abs);
            Assert.All(gradient.Zip(actual[parameter]), p => Assert.Equal(p.First, p.Second, 1e-5 * size + 1e-9));
        }
    }

    private static EncoderCard Card(string name) => name switch
    {
        "clip" => new EncoderCard { Clip = new ClipArchitecture { Joint = 16, Patch = 8, Vision = Size, Text = Size }, Image = Pictures, Text = Texts },
        "bert" => new EncoderCard { Bert = new BertArchitecture { Transformer = Size, Intermediate = 48, Positions = 16 }, Text = Texts },
        _ => new EncoderCard { Vlmo = new VlmoArchitecture { Transformer = Size, Patch = 8, FusionStart = 2, Relative = name == "vlmo-relative" }, Image = Pictures, Text = Texts, Feature = "itc" },
    };

    private static Batch Of(Batch batch, Graph graph)
    {
        var own = new Batch();
        foreach (var input in graph.Inputs.Where(i => batch.ContainsKey(i.Name))) own[input.Name] = batch[input.Name];
        return own;
    }

    private static Dictionary<string, float[]> Gradients(Graph graph, Batch batch)
    {
        var trained = graph.Parameters.Where(p => p.Trainable && graph.Outputs["loss"].DependsOn(p.Tensor)).ToList();
        foreach (var (gradient, parameter) in graph.Outputs["loss"].Gradients(trained.ConvertAll(p => p.Tensor)).Zip(trained)) graph.Output($"{parameter.Name}.gradient", gradient);
        using var model = InferenceModel.Open(graph);
        foreach (var unread in batch.Keys.Except(model.Inputs).ToList()) batch.Remove(unread);
        var results = model.Run(batch, [.. trained.Select(p => $"{p.Name}.gradient")]);
        return trained.ToDictionary(p => p.Name, p => results[$"{p.Name}.gradient"].As<float>());
    }
}
