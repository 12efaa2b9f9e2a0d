using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>How many items have a vector in one modality, and why the others have none.</summary>
internal sealed class ModalityCounts
{
    public int Ok { get; private set; }

    public int Missing { get; private set; }

    public int Failed { get; private set; }

    public void Add(string status)
    {
        if (status == FeatureStatus.Ok) Ok++;
        else if (status == FeatureStatus.Missing) Missing++;
        else if (status.StartsWith(FeatureStatus.FailedPrefix, StringComparison.Ordinal)) Failed++;
    }

    public JsonObject ToJson() => new() { ["ok"] = Ok, ["missing"] = Missing, ["failed"] = Failed };

    /// <summary>What to tell the user where more than <paramref name="allowed"/> of the pictures or texts that <paramref name="facts"/> count failed.</summary>
    public static string? TooMany(JsonObject facts, string encoder, double allowed)
    {
        foreach (var (key, what) in new[] { ("visual", "pictures"), ("textual", "texts") })
        {
            if (facts[key] is not JsonObject counts) continue;
            var (ok, failed) = ((int)counts["ok"]!, (int)counts["failed"]!);
            if (failed > allowed * (ok + failed))
                return $"{failed} of {ok + failed} {what} could not be encoded, more than the allowed share {allowed}; the reasons are in the features' status columns: "
                    + $"mend the {what}, or raise maxFailedShare of encoder '{encoder}'";
        }
        return null;
    }
}
