namespace LmmRec.Featurize;

/// <summary>How the feature store is cut into files.</summary>
internal static class FeatureShards
{
    /// <summary>Items per file: some 40 MB at two vectors of 512.</summary>
    public const int Rows = 10_000;
}
