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
}

/// <summary>How the feature store is cut into files.</summary>
internal static class FeatureShards
{
    /// <summary>Items per file: some 40 MB at two vectors of 512.</summary>
    public const int Rows = 10_000;
}
