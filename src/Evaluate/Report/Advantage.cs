using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report;

/// <summary>The best combination against another.</summary>
/// <param name="Other">the other</param>
/// <param name="Test">paired over users</param>
/// <param name="P">adjusted</param>
/// <param name="IsEquivalent">whether both are shown to lie within the margin of each other</param>
internal sealed record Advantage(Combination Other, PairedTTest Test, double P, bool IsEquivalent)
{
    /// <summary>Whether a difference is shown.</summary>
    public bool IsSure => P < PairwiseTests.Level;

    /// <summary>
    /// The best against all others. Where each is one case these are the tests of the table; where one has several seeds, users' means over seeds are
    /// tested, adjusted by Holm-Bonferroni over these pairs.
    /// </summary>
    /// <returns>None where no comparison was asked for, or there are too few users.</returns>
    public static IReadOnlyList<Advantage> Of(Evaluation evaluation, IReadOnlyList<Combination> combinations)
    {
        if (evaluation.Tests.Count == 0) return [];
        var best = combinations[0].PerUser(evaluation);
        var others = combinations.Skip(1).Select(other => (Other: other, Test: PairedTTest.Of(best, other.PerUser(evaluation)))).ToList();
        if (combinations.All(c => c.Seeds.Count == 1))
            return [.. from pair in others let row = evaluation.TestOf(combinations[0].Seeds[0], pair.Other.Seeds[0], evaluation.Main) select new Advantage(pair.Other, pair.Test, row.PHolm, row.Verdict is "equivalent")];
        var margin = evaluation.Options.Margin * best.Average();
        var (p, equivalence) = (HolmBonferroni.Adjust([.. others.Select(pair => pair.Test.P)]), HolmBonferroni.Adjust([.. others.Select(pair => margin > 0 ? pair.Test.EquivalenceP(margin) : 1)]));
        return [.. others.Select((pair, i) => new Advantage(pair.Other, pair.Test, p[i], p[i] >= PairwiseTests.Level && equivalence[i] < PairwiseTests.Level))];
    }
}
