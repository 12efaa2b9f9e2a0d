using Google.Protobuf;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>Encoders as people download them can be fine-tuned: their graphs are read, and have gradients.</summary>
[Trait("Category", "Fixtures")]
public sealed class FolderGradientTests
{
    private const double Step = 0.004; // of a parameter's own size

    private readonly SeededRandom _random = new(3);

    [Theory]
    [MemberData(nameof(FolderGraphs.Files), MemberType = typeof(FolderGraphs))]
    public void The_gradient_of_every_weight_equals_central_differences(string file)
    {
        var (path, graph) = FolderGraphs.Load(file);
        var without = graph.Nodes.Where(n => n.Operator.Gradient is null && !n.Operator.EndsGradient && n.Inputs.Any(i => i is not null && i.Type.IsFloat())).Select(n => n.Operator.Name).Distinct().ToList();
        Assert.True(without.Count == 0, $"{file} has operators without a gradient: {string.Join(", ", without)}");
        var results = graph.Outputs.Where(o => o.Value.Type.IsFloat()).ToList();
        // A smooth function of all results, also of those whose length is always 1, and of logits above 1.
        var batch = FolderGraphs.Feed(path, graph, _random);
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
}
