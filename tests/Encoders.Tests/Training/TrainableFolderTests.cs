using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Tests.Folders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Training;

/// <summary>Encoders that come as ONNX files, as others exported them: each is trained as it encodes, and written as it came.</summary>
[Trait("Category", "Fixtures")]
public sealed class TrainableFolderTests : IDisposable
{
    private static readonly string Root = Beside.Fixture("hf-folders");
    private static readonly JsonObject Recipe = [];

    private readonly TemporaryFolder _target = new();

    public static TheoryData<string> Folders => FolderFixtureTests.Folders;

    public static TheoryData<string> FoldersOfBoth => [.. Folders.Select(row => row.Data).Where(name => !name.StartsWith("all-MiniLM", StringComparison.Ordinal) && !name.StartsWith("dinov2", StringComparison.Ordinal))];

    public void Dispose() => _target.Dispose();

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task The_graph_that_is_trained_gives_the_vectors_of_the_encoder(string name)
    {
        await Import.RunAsync(Path.Combine(Root, name), _target.Path);
        AssertSame(Vectors.Of(_target.Path), Vectors.Of(TrainableEncoder.Open(_target.Path)));
    }

    [Fact]
    public async Task Weights_that_are_stored_in_16_bits_are_widened()
    {
        await Import.RunAsync(Path.Combine(Root, "clip-vit-tiny-patch32"), _target.Path);
        TrainableEncoder.Open(_target.Path).Write(_target.PathOf("half"), "tuned", _ => null, Recipe, half: true);
        var (half, trained) = (TrainableEncoder.Open(_target.PathOf("half")), TrainableEncoder.Open(_target.PathOf("half")).TuningGraph(TuningLoss.Itc));
        AssertSame(Vectors.Of(_target.PathOf("half")), Vectors.Of(half));
        Assert.All(trained.Graph.Parameters, p => Assert.Equal(ElementType.Float32, p.Tensor.Type));
        Assert.InRange(Size(_target.PathOf("half")), 0, 0.7 * Size(_target.Path));

        static long Size(string folder) => Directory.GetFiles(Path.Combine(folder, "onnx")).Sum(file => new FileInfo(file).Length);
    }

    [Theory]
    [MemberData(nameof(FoldersOfBoth))]
    public async Task A_step_lowers_the_loss_and_what_is_written_gives_the_vectors_of_the_trained_graph(string name)
    {
        await Import.RunAsync(Path.Combine(Root, name), _target.PathOf("parent"));
        var encoder = TrainableEncoder.Open(_target.PathOf("parent"));
        foreach (var loss in new[] { TuningLoss.Itc, TuningLoss.Sigmoid })
        {
            var tuning = encoder.TuningGraph(loss);
            var (pair, graph) = (tuning.Contrasts[0], tuning.Graph);
            graph.Output("loss", tuning.Contrast(pair, graph.Outputs[pair.Images], graph.Outputs[pair.Texts]));
            using var session = TrainingSession.Create(_target.PathOf($"training-{loss}"), graph, new TrainingPlan { Evaluation = [pair.Images, pair.Texts] }, new SeededRandom(1));
            var batch = Vectors.FeedOf(encoder);
            var first = session.Step(batch, 1e-3).Loss;
            Assert.True(session.Step(batch, 1e-3).Loss < first);

            var folder = _target.PathOf($"tuned-{loss}");
            encoder.Write(folder, "tuned", name => session.Parameters.Contains(name) ? session.Parameter(name) : null, Recipe, half: false);
            var evaluated = session.Evaluate(batch);
            AssertSame(Vectors.Of(folder), (Rows(evaluated[pair.Images]), Rows(evaluated[pair.Texts])));
            var again = TrainableEncoder.Open(folder).TuningGraph(loss);
            Assert.Equal(session.Parameter(pair.LogitScale).As<float>(), again.Graph.Parameters.First(p => p.Name == pair.LogitScale).Value!.As<float>());
            if (pair.LogitBias is { } bias) Assert.Equal(session.Parameter(bias).As<float>(), again.Graph.Parameters.First(p => p.Name == bias).Value!.As<float>());
        }

        static List<float[]> Rows(TensorData vectors) => [.. vectors.ToFloats().Chunk((int)vectors.Shape[1])];
    }

    [Theory]
    [MemberData(nameof(FoldersOfBoth))]
    public async Task Weights_in_16_bits_give_the_vectors_of_the_rounded_weights_exactly(string name)
    {
        await Import.RunAsync(Path.Combine(Root, name), _target.PathOf("parent"));
        var encoder = TrainableEncoder.Open(_target.PathOf("parent"));
        var weights = new[] { encoder.Visual!, encoder.Textual! }.SelectMany(g => g.Parameters).DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);
        encoder.Write(_target.PathOf("half"), "tuned", _ => null, Recipe, half: true);
        encoder.Write(_target.PathOf("rounded"), "tuned", name => weights.TryGetValue(name, out var w) && w.Values.Length > 1 ? TensorData.Of(w.To(ElementType.Float16).ToFloats()).Reshaped(w.Shape) : null, Recipe, half: false);
        var (half, rounded) = (Vectors.Of(_target.PathOf("half")), Vectors.Of(_target.PathOf("rounded")));
        Assert.Equal(rounded.Visual, half.Visual);
        Assert.Equal(rounded.Textual, half.Textual);
    }

    [Fact]
    public async Task A_variant_that_computes_in_16_bits_is_refused()
    {
        await Import.RunAsync(Path.Combine(Root, "clip-vit-tiny-patch32"), _target.Path, "fp16");
        var message = Assert.Throws<InvalidInputException>(() => TrainableEncoder.Open(_target.Path)).Message;
        Assert.Contains("vision_model_fp16.onnx: cannot be trained", message, StringComparison.Ordinal);
        Assert.Contains("computes with 16 bits", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rounded_variant_is_refused_with_the_name_of_the_full_one()
    {
        await Import.RunAsync(Path.Combine(Root, "clip-vit-tiny-patch32"), _target.Path, "quantized");
        var message = Assert.Throws<InvalidInputException>(() => TrainableEncoder.Open(_target.Path)).Message;
        Assert.Contains("vision_model_quantized.onnx", message, StringComparison.Ordinal);
        Assert.Contains("vision_model.onnx", message, StringComparison.Ordinal);
    }

    private static void AssertSame((IReadOnlyList<float[]> Visual, IReadOnlyList<float[]> Textual) expected, (IReadOnlyList<float[]> Visual, IReadOnlyList<float[]> Textual) actual)
    {
        Vectors.AssertClose(expected.Visual, actual.Visual);
        Vectors.AssertClose(expected.Textual, actual.Textual);
    }
}
