using CsCheck;
using LmmRec.Evaluate.Report.Plots;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class FriedmanTests
{
    private const string Seed = "0000KOIPZG52";

    [Fact]
    public void Its_figures_are_those_done_by_hand()
    {
        // Ranks by row: 1 3 2 | 1 3 2 | 1 3 2 | 1 2.5 2.5; Σ ranks 4, 11.5, 8.5.
        var test = FriedmanTest.Of([[9, 8, 7, 6], [1, 2, 3, 4], [5, 6, 5, 4]]);
        Assert.Equal([1, 2.875, 2.125], test.MeanRanks);
        // (k − 1) Σ (R − n (k + 1) / 2)² / (Σ r² − n k (k + 1)² / 4) = 2 · 28.5 / (55.5 − 48).
        Assert.Equal(7.6, test.ChiSquared, 1e-12);
        Assert.Equal(Math.Exp(-3.8), test.P, 1e-12); // two degrees of freedom
    }

    [Fact]
    public void Cases_that_are_equal_for_every_user_share_all_ranks() =>
        Assert.Equal((2.0, 0.0, 1.0), FriedmanTest.Of([[1, 2], [1, 2], [1, 2]]) is var test ? (test.MeanRanks[2], test.ChiSquared, test.P) : default);

    [Fact]
    public void Bars_join_runs_of_cases_of_which_no_two_differ() =>
        Assert.Equal([(0, 1), (1, 3)], RankPlot.Alike([2, 0, 1, 3], (a, b) => (a, b) is (2, 1) or (2, 3)));

    [Fact]
    public void No_bar_joins_cases_that_differ_or_lies_within_another() =>
        Gen.Int[2, 9].SelectMany(n => Gen.Bool.Array[n * n].Select(drawn => (n, drawn))).Sample(planted =>
        {
            bool Differ(int a, int b) => planted.drawn[Math.Min(a, b) * planted.n + Math.Max(a, b)];
            var runs = RankPlot.Alike([.. Enumerable.Range(0, planted.n)], Differ);
            Assert.All(runs, run => Assert.True(run.First < run.Last));
            Assert.All(runs, run => Assert.DoesNotContain(true, from a in Enumerable.Range(run.First, run.Last - run.First + 1) from b in Enumerable.Range(run.First, a - run.First) select Differ(a, b)));
            Assert.All(runs, run => Assert.DoesNotContain(runs, other => other != run && other.First <= run.First && run.Last <= other.Last));
            for (var i = 1; i < planted.n; i++)
                if (!Differ(i - 1, i)) Assert.Contains(runs, run => run.First < i && i <= run.Last);
        }, iter: 300, seed: Seed, threads: 1);
}
