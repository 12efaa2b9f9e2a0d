using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>How many items have a vector in one modality, and why the others have none.</summary>
internal sealed class ModalityCounts
{
    private int _missing, _undecodable, _tooLarge;

    public int Ok { get; private set; }

    public void Add(string status)
    {
        if (status == FeatureStatus.Ok) Ok++;
        else if (status == FeatureStatus.Missing) _missing++;
        else if (status == FeatureStatus.TooLarge) _tooLarge++;
        else if (status != FeatureStatus.None) _undecodable++;
    }

    public JsonObject ToJson() => new()
    {
        [FeatureStatus.Ok] = Ok,
        [FeatureStatus.Missing] = _missing,
        [FeatureStatus.Undecodable] = _undecodable,
        [FeatureStatus.TooLarge] = _tooLarge,
    };

    /// <summary>What to tell the user where more than <paramref name="allowed"/> of the pictures or texts that <paramref name="facts"/> count failed.</summary>
    public static string? TooMany(JsonObject facts, string encoder, double allowed)
    {
        foreach (var (key, what) in new[] { ("visual", "pictures"), ("textual", "texts") })
        {
            if (facts[key] is not JsonObject counts) continue;
            var (ok, failed) = (Count(FeatureStatus.Ok), Count(FeatureStatus.Undecodable) + Count(FeatureStatus.TooLarge));
            if (failed > allowed * (ok + failed))
                return $"{failed} of {ok + failed} {what} could not be encoded, more than the allowed share {allowed}; the reasons are in the features' status columns: "
                    + $"mend the {what}, or raise maxFailedShare of encoder '{encoder}'";

            int Count(string status) => (int?)counts[status] ?? 0;
        }
        return null;
    }
}
