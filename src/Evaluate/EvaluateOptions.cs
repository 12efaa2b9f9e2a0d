using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Evaluate;

/// <summary>How cases are compared.</summary>
public enum Comparison
{
    /// <summary>Paired tests over users between any two cases, adjusted over all pairs.</summary>
    Paired,

    /// <summary>Not at all: metrics only.</summary>
    None,
}

/// <summary>What is measured beside the trained models, without training (docs/evaluation.md#nearest-neighbours); the most popular items always are.</summary>
public enum Baseline
{
    /// <summary>Nearest neighbours of items by who has them.</summary>
    ItemKnn,

    /// <summary>Nearest neighbours of items by the features of each encoder.</summary>
    ContentKnn,
}

/// <summary>The options of evaluate; all of them change the output.</summary>
public sealed record EvaluateOptions : IChecked
{
    /// <summary>Values of K: how many ranked items count; default 10 and 20; 1 to 1000, no more than there are items.</summary>
    [Range(1, 1000), MinLength(1)]
    public IReadOnlyList<int> Cutoffs { get; init; } = [10, 20];

    /// <summary>How cases are compared; default <c>paired</c>.</summary>
    public Comparison Compare { get; init; } = Comparison.Paired;

    /// <summary>What is measured beside the trained models; default both.</summary>
    public IReadOnlyList<Baseline> Baselines { get; init; } = [Baseline.ItemKnn, Baseline.ContentKnn];

    /// <summary>
    /// Largest difference between two cases that does not matter, as a share of the best mean: within it they are called equivalent where the test shows so;
    /// default 0.05; above 0, to 1.
    /// </summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Margin { get; init; } = 0.05;

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Baselines.Distinct().Count() < Baselines.Count) yield return ("baselines", "names a baseline twice");
        for (var i = 1; i < Cutoffs.Count; i++)
            if (Cutoffs[i] <= Cutoffs[i - 1])
                yield return ("cutoffs", $"{Cutoffs[i]} follows {Cutoffs[i - 1]}; list each value once, in ascending order");
    }
}
