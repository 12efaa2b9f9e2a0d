using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>What an import found.</summary>
/// <param name="Taken">parameters that got their values from the file</param>
/// <param name="Prefix">what stands before their names in the file, such as <c>model.</c>; empty: nothing</param>
/// <param name="Drawn">parameters that no feature needs and the file lacks: they keep seeded random values</param>
/// <param name="LeftOver">tensors of the file that the encoder has no place for</param>
public sealed record WeightsReport(int Taken, string Prefix, IReadOnlyList<string> Drawn, IReadOnlyList<string> LeftOver);

/// <summary>Gives an encoder's parameters the values of a file, under its authors' names or Hugging Face's.</summary>
internal static class WeightsImport
{
    private const int MostListed = 20;

    /// <summary>Sets all parameters of <paramref name="graph"/> that <paramref name="file"/> has.</summary>
    /// <param name="graph">an encoder's graph</param>
    /// <param name="file">the file's tensors by name</param>
    /// <param name="prefix">what stands before the parameters' names in the file; null: whatever stands before all of them</param>
    /// <param name="isOptional">whether a parameter may be missing</param>
    /// <param name="what">what messages call the file</param>
    /// <exception cref="InvalidInputException">Tensors are missing, of other shapes or not finite, or the file holds several such models; all are listed.</exception>
    public static WeightsReport Apply(Graph graph, IReadOnlyDictionary<string, TensorData> file, string? prefix, Func<string, bool> isOptional, string what)
    {
        var names = new WeightNames([.. graph.Parameters.Select(p => p.Name)], file.Keys, isOptional);
        prefix = names.Prefix(prefix, what);
        var left = file.Keys.Where(name => !WeightNames.IsIgnored(name)).ToHashSet(StringComparer.Ordinal);
        var (taken, drawn, missing, misshapen, broken) = (0, new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var parameter in graph.Parameters)
        {
            var shape = parameter.Tensor.Shape.ToArray();
            if (names.Find(parameter.Name, prefix) is not var (sources, transposed))
            {
                (isOptional(parameter.Name) ? drawn : missing).Add(parameter.Name);
                continue;
            }
            left.ExceptWith(sources);
            var found = Joined([.. sources.Select(name => file[name])], transposed);
            if (Fit(parameter.Name, found, shape) is not { } fitting)
            {
                misshapen.Add($"{parameter.Name}: [{string.Join(", ", found.Shape)}] in the file, [{string.Join(", ", shape)}] in the card");
                continue;
            }
            if (!Array.TrueForAll(fitting.As<float>(), float.IsFinite)) broken.Add(parameter.Name);
            parameter.Set(fitting);
            taken++;
        }
        var leftOver = left.Order(StringComparer.Ordinal).ToList();
        if (missing.Count + misshapen.Count > 0)
            throw new InvalidInputException($"{what}: does not hold the weights of this card:{Listed("missing", missing)}{Listed("of another shape", misshapen)}{Line("left over", leftOver, NameList.Of(leftOver))}");
        if (broken.Count > 0)
            throw new InvalidInputException($"{what}: holds NaN or infinite numbers, so no vector would be finite; take a checkpoint from before the training diverged:{Listed("not finite", broken)}");
        return new WeightsReport(taken, prefix, drawn, leftOver);
    }

    private static TensorData Joined(TensorData[] parts, bool transposed)
    {
        if (transposed) return parts[0].Shape.Length == 2 ? parts[0].Transposed() : parts[0];
        return parts.Length == 1 || parts.Any(p => !p.Shape.SequenceEqual(parts[0].Shape)) ? parts[0] : Stacked(parts);
    }

    // The same number of elements when only dimensions of 1 differ; of a table of positions of words the first rows, of one of patches a grid of another size.
    private static TensorData? Fit(string name, TensorData data, long[] shape)
    {
        if (data.Shape.Where(d => d != 1).SequenceEqual(shape.Where(d => d != 1))) return data.Reshaped(shape);
        if (name.EndsWith("position_embeddings.weight", StringComparison.Ordinal) && data.Shape.Length == 2 && data.Shape[1] == shape[1] && data.Shape[0] > shape[0])
            return TensorData.Of(data.As<float>().AsSpan(0, (int)(shape[0] * shape[1])).ToArray(), shape);
        return WeightNames.IsPatchPositions(name) ? PatchPositions.Resized(data, shape) : null;
    }

    private static TensorData Stacked(TensorData[] parts)
    {
        var shape = (long[])parts[0].Shape.Clone();
        if (shape.Length > 0) shape[0] = parts.Sum(p => p.Shape[0]);
        return TensorData.Of([.. parts.SelectMany(p => p.As<float>())], shape);
    }

    private static string Listed(string what, List<string> names) =>
        Line(what, names, $"{string.Join(", ", names.Take(MostListed))}{(names.Count > MostListed ? ", …" : "")}");

    private static string Line(string what, List<string> names, string shown) => names.Count == 0 ? "" : $"{Environment.NewLine}  {what} ({names.Count}): {shown}";
}
