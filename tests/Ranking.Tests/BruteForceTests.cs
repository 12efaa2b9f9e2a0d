using System.Globalization;
using CsCheck;
using LmmRec.Artifacts;

namespace LmmRec.Ranking.Tests;

public sealed class BruteForceTests
{
    private static readonly RankingMetric[] Metrics = Enum.GetValues<RankingMetric>();

    // Few distinct values, so that many scores tie; held-out items may be training items too.
    private static readonly Gen<Case> Cases = Gen.Select(Gen.Int[1, 12], Gen.Int[1, 60], Gen.Int[1, 4]).SelectMany((users, items, dimension) =>
    {
        var value = Gen.Int[-2, 2].Select(v => (float)v);
        var pairs = Gen.Select(Gen.Int[0, users - 1], Gen.Int[0, items - 1]).Array[0, users * 6];
        return Gen.Select(value.Array[users * dimension], value.Array[items * dimension], pairs, pairs, Gen.Int[1, 70])
            .Select((u, i, training, heldOut, k) => new Case(new Vectors(u, dimension), new Vectors(i, dimension), ItemSets.Of(users, items, training), ItemSets.Of(users, items, heldOut), k));
    });

    [Fact]
    public void Every_metric_of_every_user_equals_the_one_found_by_counting_ties_included() => Cases.Sample(c =>
    {
        int[] cutoffs = [1, c.K + 1];
        var measured = AllRankProtocol.Measure(c.Users, c.Items, c.Training, c.HeldOut, Metrics, cutoffs, threads: 2, CancellationToken.None);
        var lists = AllRankProtocol.Rank(c.Users, c.Items, c.Training, c.HeldOut.UsersWithItems(), cutoffs.Max(), threads: 1, CancellationToken.None);
        foreach (var metrics in new[] { measured, UserMetrics.Of(lists, c.HeldOut, Metrics, cutoffs) })
        {
            Assert.Equal(c.HeldOut.UsersWithItems(), metrics.Users);
            foreach (var (position, user) in metrics.Users.Index())
            {
                var ranks = BruteForce.Ranks(c.Users, c.Items, c.Training, c.HeldOut, user);
                foreach (var cutoff in cutoffs)
                    Assert.Equal(BruteForce.Metrics(ranks, c.HeldOut[user].Length, cutoff), Metrics.Select(metric => metrics[metric, cutoff][position]));
            }
        }
    }, iter: 400, seed: "0000KOIPZG52", threads: 1);

    [Fact]
    public void On_Amazons_baby_data_the_means_equal_those_found_by_counting()
    {
        var rows = File.ReadLines(Beside.Data("amazon_baby_lattice/baby_lattice.inter")).Skip(1).Select(line => line.Split('\t'))
            .Select(cells => (User: int.Parse(cells[0], CultureInfo.InvariantCulture), Item: int.Parse(cells[1], CultureInfo.InvariantCulture), Part: cells[^1])).ToList();
        var (users, items) = (rows.Max(row => row.User) + 1, rows.Max(row => row.Item) + 1);
        var (training, test) = (Part("0"), Part("2"));
        const int Dimension = 8;
        var random = new SeededRandom(7);
        var itemValues = Normal(items);
        var userValues = Normal(users);
        // Random vectors find next to nothing: those of the users are drawn towards what they are to find.
        foreach (var (user, item) in test.Pairs())
            for (var d = 0; d < Dimension; d++) userValues[user * Dimension + d] += itemValues[item * Dimension + d];
        var (u, i) = (new Vectors(userValues, Dimension), new Vectors(itemValues, Dimension));

        int[] cutoffs = [10, 20];
        var measured = AllRankProtocol.Measure(u, i, training, test, Metrics, cutoffs, threads: 2, TestContext.Current.CancellationToken);
        var ranks = measured.Users.Select(user => (Ranks: BruteForce.Ranks(u, i, training, test, user), Targets: test[user].Length)).ToList();
        foreach (var cutoff in cutoffs)
        {
            var counted = ranks.ConvertAll(user => BruteForce.Metrics(user.Ranks, user.Targets, cutoff));
            foreach (var (m, metric) in Metrics.Index())
            {
                Assert.Equal(counted.Average(values => values[m]), measured.Mean(metric, cutoff), 1e-12);
                Assert.InRange(measured.Mean(metric, cutoff), 0.001, 0.9);
            }
        }

        ItemSets Part(string label) => ItemSets.Of(users, items, rows.Where(row => row.Part == label).Select(row => (row.User, row.Item)));

        float[] Normal(int count) => [.. Enumerable.Range(0, count * Dimension).Select(_ => (float)random.NextNormal())];
    }

    private sealed record Case(Vectors Users, Vectors Items, ItemSets Training, ItemSets HeldOut, int K);
}
