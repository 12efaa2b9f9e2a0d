using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Train.Search;

/// <summary>How the best combination of the lists in <c>train.options</c> is searched for.</summary>
public enum SearchKind
{
    /// <summary>Every combination is trained.</summary>
    Grid,

    /// <summary>Some of them, drawn without replacement.</summary>
    Random,

    /// <summary>All begin, and the better ones of each rung go on: successive halving by epochs.</summary>
    Halving,
}

/// <summary>The search for hyper-parameters (docs/recommenders.md#search). Winners are chosen on the validation split alone. All options change the output.</summary>
public sealed record SearchOptions : IChecked
{
    /// <summary>How. Default: grid.</summary>
    public SearchKind Kind { get; init; } = SearchKind.Grid;

    /// <summary>Combinations that are drawn; random needs it, halving begins with all by default. Range: 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int? Trials { get; init; }

    /// <summary>What they are drawn with. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Of halving: one of so many goes on to the next rung, which is so many times as long. Default: 3. Range: 2 to 16.</summary>
    [Range(2, 16)]
    public int Factor { get; init; } = 3;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Kind == SearchKind.Random && Trials is null) yield return ("trials", "is required for kind \"random\": how many combinations are drawn, such as 20");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Kind == SearchKind.Grid) yield return ("trials", "a grid is trained as a whole");
        if (Kind == SearchKind.Grid || Trials is null) yield return ("seed", "nothing is drawn");
        if (Kind != SearchKind.Halving) yield return ("factor", "only halving has rungs");
    }
}
