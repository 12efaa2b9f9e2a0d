using System.Text.Json.Nodes;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>The reference values of one encoder: weights, inputs, outputs, gradients and what its authors' code says of its sizes.</summary>
internal sealed class EncoderFixture
{
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
        var error = e.Zip(a, (x, y) => Math.Abs(x - y)).Max() / e.Max(Math.Abs);
        Assert.True(error <= tolerance, $"{name}: relative error {error:g3}, allowed {tolerance:g3}");
    }

    /// <summary>A loss, within 1e-5 of the reference.</summary>
    public void EqualLoss(string name, TensorData actual)
    {
        var expected = (double)Json[name]!;
        Assert.InRange(actual.ToFloats()[0], expected - 1e-5 * Math.Abs(expected), expected + 1e-5 * Math.Abs(expected));
    }

    /// <summary>A card's image section for pictures that are fed as they are.</summary>
    public static ImagePreprocessing Pictures(int size) => new() { ResizeTo = size, Crop = size };

    /// <summary>A card's text section for ids that are fed as they are.</summary>
    public static TextTokenization Texts(int vocabulary, int length) => new() { File = "unused", Vocabulary = vocabulary, Length = length };
}
