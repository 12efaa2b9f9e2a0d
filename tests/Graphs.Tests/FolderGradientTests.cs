using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>Encoders as people download them can be fine-tuned: their graphs are read, and have gradients.</summary>
[Trait("Category", "Fixtures")]
public sealed partial class FolderGradientTests
{
    private const double Step = 0.004; // of a parameter's own size

    private const int Tokens = 7;

    private static readonly string[] NoEncoders = ["expected", "invalid", "pictures"];

    private readonly SeededRandom _random = new(3);

    /// <summary>Every graph of every folder but the rounded variants, which nobody fine-tunes.</summary>
    public static TheoryData<string> Files
    {
        get
        {
            // Without the fixtures one case is left, which says that they are not here.
            var root = Path.Combine(Path.GetDirectoryName(Beside.Checkout)!, "shared", "fixtures", "hf-folders");
            if (Environment.GetEnvironmentVariable("FIXTURES") is { Length: > 0 } named) root = Path.Combine(named, "hf-folders");
            if (!Directory.Exists(root)) return [""];
            return [.. Directory.EnumerateFiles(root, "*.onnx", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
                .Where(file => !NoEncoders.Contains(file.Split('/')[0]) && !Variant().IsMatch(file)).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_gradient_of_every_weight_equals_central_differences(string file)
    {
        var path = Beside.Fixture($"hf-folders/{file}");
        var graph = Graph.Load(path, SizesOf(path));
        var without = graph.Nodes.Where(n => n.Operator.Gradient is null && !n.Operator.EndsGradient && n.Inputs.Any(i => i is not null && i.Type.IsFloat())).Select(n => n.Operator.Name).Distinct().ToList();
        Assert.True(without.Count == 0, $"{file} has operators without a gradient: {string.Join(", ", without)}");
        var results = graph.Outputs.Where(o => o.Value.Type.IsFloat()).ToList();
        // A smooth function of all results, also of those whose length is always 1, and of logits above 1.
        var batch = Feed(path, graph);
        var scales = Scales(path, batch, results.ConvertAll(r => r.Key));
        var loss = results.Select(o => (o.Value * (1 / scales[o.Key]) + 0.5).Sin().ReduceMean()).Aggregate((a, b) => a + b);
        var trained = graph.Parameters.Where(p => p.Trainable).ToList();
        foreach (var (parameter, gradient) in trained.Zip(loss.Gradients(trained.ConvertAll(p => p.Tensor)))) graph.Output($"gradient of {parameter.Name}", gradient);

        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.PathOf("training.onnx"), GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Inputs).ToByteArray());
        using var model = InferenceModel.Open(folder.PathOf("training.onnx"), new RuntimeOptions { Threads = 1 });
        foreach (var parameter in graph.Parameters.Where(p => model.Inputs.Contains(p.Name))) batch[parameter.Name] = parameter.Value!;
        var gradients = model.Run(batch, [.. trained.Select(p => $"gradient of {p.Name}")]);
        string[] names = [.. results.Select(r => r.Key)];
        foreach (var parameter in trained)
        {
            var (values, gradient) = (parameter.Value!.As<float>(), gradients[$"gradient of {parameter.Name}"].As<float>());
            var size = Math.Max(Math.Sqrt(values.Average(v => (double)v * v)), 0.01);
            var norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            // Along the gradient, where most happens, and in a direction in which a part that is missing shows.
            var along = Array.ConvertAll(gradient, g => g / Math.Max(norm, 1e-12) * Math.Sqrt(values.Length));
            foreach (var unit in new[] { along, Array.ConvertAll(values, _ => _random.NextNormal()) })
            {
                var direction = Array.ConvertAll(unit, u => size * u);
                var expected = (8 * (At(Step) - At(-Step)) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
                var actual = gradient.Zip(direction, (g, d) => g * d).Sum();
                var tolerance = 0.02 * Math.Abs(expected) + 0.002 * norm * size + 1e-5; // of 32-bit floats, where much cancels out
                Assert.True(Math.Abs(actual - expected) <= tolerance, $"{file}: along {(unit == along ? "the gradient" : "a random direction")} of '{parameter.Name}' the slope is {actual}, differences give {expected}");

                double At(double shift)
                {
                    batch[parameter.Name] = TensorData.Of([.. values.Zip(direction, (v, d) => (float)(v + shift * d))]).Reshaped(parameter.Value.Shape);
                    var outputs = model.Run(batch, names);
                    batch[parameter.Name] = parameter.Value;
                    return names.Sum(name => outputs[name].As<float>().Average(v => Math.Sin(v / scales[name] + 0.5)));
                }
            }
        }
    }

    private static Dictionary<string, double> Scales(string path, Batch batch, List<string> results)
    {
        using var model = InferenceModel.Open(path, new RuntimeOptions { Threads = 1 });
        return model.Run(batch, results).ToDictionary(r => r.Key, r => (double)r.Value.As<float>().Max(Math.Abs), StringComparer.Ordinal);
    }

    private Batch Feed(string path, Graph graph)
    {
        var rows = OnnxFile.Read(path).Tables;
        var batch = new Batch();
        foreach (var input in graph.Inputs)
        {
            long[] shape = [.. input.Shape.Select(d => d.IsFixed ? d.Value : d.ToString().Contains("batch", StringComparison.Ordinal) ? 2 : Tokens)];
            var count = (int)shape.Aggregate(1L, (p, d) => p * d);
            batch[input.Name] = input.Type.IsFloat() ? TensorData.Of([.. Enumerable.Range(0, count).Select(_ => (float)_random.NextNormal())], shape)
                : TensorData.Of([.. Enumerable.Range(0, count).Select(i => Integer(input.Name, i))], shape);
        }
        return batch;

        // Two texts of seven tokens, the last two of which are padding where the graph is told so.
        long Integer(string name, int i) => name.Contains("mask", StringComparison.Ordinal) ? (i % Tokens < 5 ? 1 : 0)
            : name.Contains("type", StringComparison.Ordinal) ? 0
            : _random.NextInt32((int)rows.GetValueOrDefault(name, 1000));
    }

    // The channels and the side of a picture, which its folder names, under the names that the file has for them.
    private static Dictionary<string, long> SizesOf(string path)
    {
        var settings = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, "preprocessor_config.json");
        if (!File.Exists(settings)) return [];
        using var json = JsonDocument.Parse(File.ReadAllBytes(settings));
        var size = json.RootElement.TryGetProperty("crop_size", out var crop) ? crop : json.RootElement.GetProperty("size");
        var side = size.ValueKind == JsonValueKind.Number ? size.GetInt64() : size.EnumerateObject().First().Value.GetInt64();
        return new Dictionary<string, long> { ["num_channels"] = 3, ["height"] = side, ["width"] = side };
    }

    [GeneratedRegex("_(fp16|q4|q4f16|bnb4|int8|uint8|quantized)[.]onnx$")]
    private static partial Regex Variant();
}
