using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>Reads named float32 tensors from a file of weights, whatever its format.</summary>
public static class WeightsFile
{
    private const string IndexSuffix = ".index.json";

    /// <summary>The floating-point tensors of <paramref name="path"/> by name, widened or narrowed to float32.</summary>
    /// <param name="path">a .safetensors file, an ONNX file, a PyTorch file (.pt, .pth, .bin), or the .index.json of one that is split into several</param>
    /// <exception cref="InvalidInputException">The file is missing, truncated, of no such format, or a pickle that would call something.</exception>
    public static IReadOnlyDictionary<string, TensorData> Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidInputException($"{path}: there is no such file of weights");
        StandIn.Refuse(path);
        if (IsIndex(path)) return ReadShards(path);
        var isOnnx = path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (!isOnnx && !path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) return TorchFile.Read(path);
        try
        {
            return (isOnnx ? OnnxWeights.Read(path) : SafeTensors.ReadFloats(path))
                .ToDictionary(t => t.Key, t => TensorData.Of(t.Value.ToFloats(), t.Value.Shape).Reshaped(t.Value.Shape), StringComparer.Ordinal);
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>Whether a file is the index of weights that are split into several files, by its name.</summary>
    internal static bool IsIndex(string path) => path.EndsWith(IndexSuffix, StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, TensorData> ReadShards(string path)
    {
        var tensors = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var shard in ShardsOf(path))
            foreach (var (name, data) in Read(Path.Combine(Path.GetDirectoryName(path)!, shard)))
                if (!tensors.TryAdd(name, data)) throw new InvalidInputException($"{path}: tensor '{name}' is in two of its shards, {shard} the second; leave it in one of them");
        return tensors;
    }

    /// <summary>The files that an index names; they lie beside it.</summary>
    /// <exception cref="InvalidInputException">It is no index, or names what is no file of tensors beside it.</exception>
    internal static IReadOnlyList<string> ShardsOf(string path)
    {
        try
        {
            using var index = JsonDocument.Parse(File.ReadAllBytes(path));
            var shards = index.RootElement.GetProperty("weight_map").EnumerateObject().Select(p => p.Value.GetString()).Distinct().Order(StringComparer.Ordinal).ToList();
            foreach (var shard in shards)
                if (!BareFileName.Is(shard) || IsIndex(shard!))
                    throw new InvalidInputException($"{path}: names the shard '{shard}', which is an index itself or lies in another folder; allowed are files of tensors beside the index");
            return shards!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidInputException($"{path}: is no index of sharded weights: it has no object weight_map from tensor to file", e);
        }
    }
}
