using System.Numerics.Tensors;
using System.Text.Json.Nodes;

namespace LmmRec.Featurize;

/// <summary>How close the vectors of a rounded encoder come to those of the full one, on a sample of one modality.</summary>
/// <param name="rounded">holds those of the whole catalogue</param>
/// <param name="full">takes those of the sample</param>
internal sealed class Agreement(VectorPool rounded, VectorPool full)
{
    private const int SampleSize = 32;

    private readonly IReadOnlyList<string> _sample = rounded.Sample(SampleSize);

    /// <summary>Asks for the sample's full vectors.</summary>
    public void Want()
    {
        foreach (var sha256 in _sample) full.Want(sha256);
    }

    /// <summary>The cosines, once these are there: their mean, the least, and how many there are; null where no vector is in the sample.</summary>
    public JsonObject? ToJson()
    {
        var cosines = new List<double>();
        foreach (var sha256 in _sample)
            if (rounded.Read(sha256).Vector is { } a && full.Read(sha256).Vector is { } b) cosines.Add(TensorPrimitives.CosineSimilarity<float>(a, b));
        return cosines.Count == 0 ? null : new JsonObject { ["mean"] = Math.Round(cosines.Average(), 6), ["least"] = Math.Round(cosines.Min(), 6), ["sample"] = cosines.Count };
    }
}
