using System.Text.Json;
using System.Text.RegularExpressions;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>The graphs of encoders as people download them.</summary>
internal static partial class FolderGraphs
{
    private const int Tokens = 7;

    private static readonly string[] NoEncoders = ["expected", "invalid", "pictures"];

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

    /// <summary>A graph and its path; skips the test where the fixtures are not here.</summary>
    public static (string Path, Graph Graph) Load(string file)
    {
        var path = Beside.Fixture($"hf-folders/{file}");
        return (path, Graph.Load(path, SizesOf(path)));
    }

    /// <summary>Two items such as the graph takes.</summary>
    public static Batch Feed(string path, Graph graph, SeededRandom random)
    {
        var rows = OnnxFile.Read(path).Tables;
        var batch = new Batch();
        foreach (var input in graph.Inputs)
        {
            long[] shape = [.. input.Shape.Select(d => d.IsFixed ? d.Value : d.ToString().Contains("batch", StringComparison.Ordinal) ? 2 : Tokens)];
            var count = (int)shape.Aggregate(1L, (p, d) => p * d);
            batch[input.Name] = input.Type.IsFloat() ? TensorData.Of([.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())], shape)
                : TensorData.Of([.. Enumerable.Range(0, count).Select(i => Integer(input.Name, i))], shape);
        }
        return batch;

        // Two texts of seven tokens, the last two of which are padding where the graph is told so.
        long Integer(string name, int i) => name.Contains("mask", StringComparison.Ordinal) ? (i % Tokens < 5 ? 1 : 0)
            : name.Contains("type", StringComparison.Ordinal) ? 0
            : random.NextInt32((int)rows.GetValueOrDefault(name, 1000));
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
