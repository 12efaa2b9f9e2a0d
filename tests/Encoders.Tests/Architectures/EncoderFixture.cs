using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>The reference values of one encoder: weights, inputs, outputs, gradients and what its authors' code says of its sizes.</summary>
internal sealed class EncoderFixture
{
    private const double GradientTolerance = 1e-3, GradientFloor = 1e-6;

    private readonly Dictionary<string, TensorData> _tensors;

    public EncoderFixture(string name)
    {
        _tensors = SafeTensors.Read(Beside.Fixture($"encoders/{name}.safetensors"), _ => true);
        Json = JsonNode.Parse(File.ReadAllText(Beside.Fixture($"encoders/{name}.json")))!.AsObject();
    }

    public JsonObject Json { get; }

    public int Size(string name) => (int)Json["architecture"]![name]!;

    public TensorData Input(string name) => _tensors[$"input/{name}"];

    public TensorData Weight(string name) => _tensors[$"weight/{name}"];

    /// <summary>Gives the parameters of <paramref name="graph"/> the reference's weights.</summary>
    public void SetWeights(Graph graph)
    {
        foreach (var parameter in graph.Parameters)
            parameter.Set(_tensors[$"weight/{parameter.Name}"].Reshaped(parameter.Tensor.Shape.ToArray()));
    }

    /// <summary>Largest difference over largest reference value, at most <paramref name="tolerance"/>.</summary>
    public void EqualOutput(string name, TensorData actual, double tolerance = 1e-4)
    {
        var expected = _tensors[$"output/{name}"];
        Assert.Equal(expected.Shape, actual.Shape);
        var (e, a) = (expected.ToFloats(), actual.ToFloats());
        var error = LargestDifference(e, a) / e.Max(Math.Abs);
        Assert.True(error <= tolerance, $"{name}: relative error {error:g3}, allowed {tolerance:g3}");
    }

    /// <summary>A loss, within 1e-5 of the reference.</summary>
    public void EqualLoss(string name, TensorData actual)
    {
        var expected = (double)Json[name]!;
        Assert.InRange(actual.ToFloats()[0], expected - 1e-5 * Math.Abs(expected), expected + 1e-5 * Math.Abs(expected));
    }

    /// <summary>The gradients of the output <c>loss</c> with respect to all parameters that the reference has gradients of.</summary>
    public void EqualGradients(Graph graph, Batch batch)
    {
        using var folder = new TemporaryFolder();
        TrainingArtifacts.Write(folder.Path, graph, new TrainingPlan(), new SeededRandom(1));
        using var session = TrainingSession.Open(folder.Path);
        session.Step(batch, learningRate: 0);
        var compared = 0;
        foreach (var (name, expected) in _tensors.Where(t => t.Key.StartsWith("grad/", StringComparison.Ordinal)))
        {
            var (e, a) = (expected.ToFloats(), session.Gradient(name["grad/".Length..]).ToFloats());
            var (error, largest) = (LargestDifference(e, a), e.Max(Math.Abs));
            Assert.True(error <= Math.Max(GradientTolerance * largest, GradientFloor), $"{name}: differs by {error:g3} of {largest:g3}");
            compared++;
        }
        Assert.NotEqual(0, compared);
    }

    // Max passes over NaN, so what is not finite counts as infinitely far.
    private static float LargestDifference(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return expected.Zip(actual, (e, a) => float.IsFinite(a) ? MathF.Abs(e - a) : float.PositiveInfinity).Max();
    }

    /// <summary>A card's image section for pictures that are fed as they are.</summary>
    public static ImagePreprocessing Pictures(int size) => new() { ResizeTo = [size], Crop = [size] };

    /// <summary>A card's text section for ids that are fed as they are.</summary>
    public static TextTokenization Texts(int vocabulary, int length) => new() { File = "unused", Vocabulary = vocabulary, Length = length };
}
