using LmmRec.Artifacts.Configuration;

namespace LmmRec.Encoders.Cards;

/// <summary>Where an encoder's weights come from: drawn from a seed, or imported from public files.</summary>
public sealed record WeightSources : IChecked
{
    /// <summary>Seed of random weights; null: the weights must be imported.</summary>
    public long? Seed { get; init; }

    /// <summary>Public files that hold the weights, tried in turn.</summary>
    public IReadOnlyList<FileSource> Sources { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Seed is not null && Sources.Count > 0) yield return ("", "has both seed and sources; allowed one of them");
    }
}
