using System.Text.Json.Nodes;
using LmmRec.Encoders;

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

    /// <summary>How close they are, once these are there; null where no vector is in the sample.</summary>
    public JsonObject? ToJson()
    {
        var pairs = _sample.Select(sha256 => (Full: full.Read(sha256).Vector!, Rounded: rounded.Read(sha256).Vector!))
            .Where(pair => pair.Full is not null && pair.Rounded is not null).ToList();
        var found = Exactness.Of("sample", samples: 0, [.. pairs.Select(pair => pair.Full)], [.. pairs.Select(pair => pair.Rounded)]);
        return found.Compared == 0 ? null
            : new JsonObject { ["lowest"] = Math.Round(found.Lowest, 6), ["median"] = Math.Round(found.Median, 6), ["sample"] = found.Compared };
    }
}
