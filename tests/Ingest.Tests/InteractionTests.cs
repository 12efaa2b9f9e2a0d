using CsCheck;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tests;

public sealed class InteractionTests
{
    [Fact]
    public void The_core_filter_removes_in_waves_until_nothing_is_below_the_core()
    {
        // Users A, B and items x, y form a 2-core. C holds on to y by z alone, and z to D: when D goes, z goes, then C.
        var table = Table("A x", "A y", "B x", "B y", "C y", "C z", "D z");
        var kept = KCore.Filter(table, 2);
        Assert.Equal(["A x", "A y", "B x", "B y"], Pairs(kept));
        Assert.Equal(Pairs(table), Pairs(KCore.Filter(table, 1)));
        Assert.Empty(Pairs(KCore.Filter(table, 3)));
    }

    [Fact]
    public void The_core_is_the_largest_table_in_which_everybody_reaches_it() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7]).Array[0, 40].Sample(pairs =>
        {
            var table = Table([.. pairs.Distinct().Select(p => $"u{p.Item1} i{p.Item2}")]);
            var rows = table.Rows.ToList();
            // One user or item at a time, in any order, ends in the same core.
            while (rows.FindIndex(r => rows.Count(o => o.User == r.User) < 3 || rows.Count(o => o.Item == r.Item) < 3) is >= 0 and var at) rows.RemoveAt(at);
            Assert.Equal(Pairs(table with { Rows = rows }), Pairs(KCore.Filter(table, 3)));
        }, seed: "0000KOIPe036");

    [Fact]
    public void Users_and_items_are_numbered_in_the_order_of_their_first_appearance()
    {
        var table = KCore.Filter(Table("Z q", "B y", "B x", "A y", "A x"), 2).Reindexed();
        Assert.Equal(["B", "A"], table.Users);
        Assert.Equal(["y", "x"], table.Items);
        Assert.Equal(["B y", "B x", "A y", "A x"], Pairs(table));
    }

    [Theory]
    [InlineData(5, 3, 1, 1)]
    [InlineData(9, 7, 1, 1)]
    [InlineData(10, 8, 1, 1)]
    [InlineData(14, 12, 1, 1)]
    [InlineData(15, 12, 1, 2)]
    [InlineData(19, 16, 1, 2)]
    [InlineData(20, 16, 2, 2)]
    [InlineData(25, 20, 2, 3)]
    [InlineData(34, 28, 3, 3)]
    [InlineData(35, 28, 3, 4)]
    [InlineData(40, 32, 4, 4)]
    [InlineData(1, 1, 0, 0)]
    [InlineData(2, 2, 0, 0)]
    [InlineData(3, 1, 1, 1)]
    public void A_users_interactions_are_parted_by_the_rule(int n, int train, int validation, int test) =>
        Assert.Equal((train, validation, test), RandomSplit.Counts(n));

    [Fact]
    public void From_ten_on_the_rule_truncates_a_fifth_and_gives_the_odd_one_to_test()
    {
        for (var n = 5; n < 10; n++) Assert.Equal((n - 2, 1, 1), RandomSplit.Counts(n));
        for (var n = 10; n <= 400; n++)
        {
            var (train, validation, test) = RandomSplit.Counts(n);
            Assert.Equal((int)(0.2 * n), validation + test);
            Assert.Equal(n, train + validation + test);
            Assert.InRange(test - validation, 0, 1);
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_split_and_another_seed_another()
    {
        var table = Table([.. Enumerable.Range(0, 600).Select(i => $"u{i % 40} i{i}")]);
        var first = RandomSplit.Draw(table, 999);
        Assert.Equal(first.Rows, RandomSplit.Draw(table, 999).Rows);
        Assert.NotEqual(first.Rows, RandomSplit.Draw(table, 1000).Rows);
        Assert.Equal(Pairs(table), Pairs(first));
        foreach (var user in first.Rows.GroupBy(r => r.User))
            Assert.Equal(RandomSplit.Counts(15), (user.Count(r => r.Part == Part.Train), user.Count(r => r.Part == Part.Validation), user.Count(r => r.Part == Part.Test)));
    }

    [Fact]
    public void A_user_without_training_rows_leaves_validation_and_test_but_keeps_the_index()
    {
        var rows = Table("A x", "B x", "B y", "A z").Rows;
        var table = Table("A x", "B x", "B y", "A z") with
        {
            Rows = [rows[0] with { Part = Part.Train }, rows[1] with { Part = Part.Validation }, rows[2] with { Part = Part.Test }, rows[3] with { Part = Part.Test }],
        };
        var (kept, users, dropped) = table.WithoutColdUsers();
        Assert.Equal(["A x", "A z"], Pairs(kept));
        Assert.Equal((1, 2), (users, dropped));
        Assert.Equal(["A", "B"], kept.Users);
        Assert.Equal(["x", "y", "z"], kept.Items);
    }

    private static InteractionTable Table(params string[] pairs)
    {
        var users = new KeyIndex();
        var items = new KeyIndex();
        var rows = pairs.Select(p => p.Split(' ')).Select(p => new Interaction(users.Of(p[0]), items.Of(p[1]), null, null, null)).ToList();
        return new InteractionTable(users.Keys, items.Keys, rows);
    }

    private static IEnumerable<string> Pairs(InteractionTable table) => table.Rows.Select(r => $"{table.Users[r.User]} {table.Items[r.Item]}");
}
