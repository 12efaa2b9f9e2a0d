using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tests;

public sealed class InteractionTests
{
    [Fact]
    public void The_core_filter_removes_in_waves_until_nothing_is_below_the_core()
    {
        // Users A, B and items x, y form a 2-core. C holds on to y by z alone, and z to D: when D goes, z goes, then C.
        string[] rows = ["A x", "A y", "B x", "B y", "C y", "C z", "D z"];
        Assert.Equal(["A x", "A y", "B x", "B y"], Pairs(Core(rows, 2)));
        Assert.Equal(rows, Pairs(Core(rows, 1)));
        Assert.Empty(Pairs(Core(rows, 3)));
    }

    [Fact]
    public void The_core_is_the_largest_table_in_which_everybody_reaches_it() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7]).Array[0, 40].Sample(pairs =>
        {
            string[] table = [.. pairs.Distinct().Select(p => $"u{p.Item1} i{p.Item2}")];
            var rows = Table(table).Rows.ToList();
            // One user or item at a time, in any order, ends in the same core.
            while (rows.FindIndex(r => rows.Count(o => o.User == r.User) < 3 || rows.Count(o => o.Item == r.Item) < 3) is >= 0 and var at) rows.RemoveAt(at);
            Assert.Equal(Pairs(Table(table) with { Rows = [.. rows] }), Pairs(Core(table, 3)));
        }, seed: "0000KOIPe036");

    [Fact]
    public void Users_and_items_are_numbered_in_the_order_of_their_first_appearance()
    {
        var table = Core(["Z q", "B y", "B x", "A y", "A x"], 2);
        Assert.Equal(["B", "A"], table.Users);
        Assert.Equal(["y", "x"], table.Items);
        Assert.Equal(["B y", "B x", "A y", "A x"], Pairs(table));
    }

    [Fact]
    public void Of_rows_with_equal_user_item_and_time_the_first_stays_and_a_time_that_is_missing_equals_another()
    {
        string[] rows = ["A x 1 5", "B x 1 4", "A x 1 3", "A x 2 2", "A x - 1", "B x 1 0", "A x - 9"];
        var ofAnyTime = new RowFilter(Rows.Of(rows));
        Assert.Equal(5, ofAnyTime.DropRepeated(whateverTime: true));
        Assert.Equal(["A x 5", "B x 4"], Rated(ofAnyTime.Result()));

        var ofEqualTime = new RowFilter(Rows.Of(rows));
        Assert.Equal(3, ofEqualTime.DropRepeated(whateverTime: false));
        Assert.Equal(["A x 5", "B x 4", "A x 2", "A x 1"], Rated(ofEqualTime.Result()));
    }

    [Fact]
    public void Repeated_rows_are_found_as_by_looking_at_every_pair_of_rows() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3]).Array[0, 60].Sample(rows =>
        {
            var filter = new RowFilter(Rows.Of([.. rows.Select((r, i) => $"u{r.Item1} i{r.Item2} {r.Item3} {i}")]));
            Assert.Equal(rows.Length - rows.Distinct().Count(), filter.DropRepeated(whateverTime: false));
            Assert.Equal(rows.Index().DistinctBy(r => r.Item).Select(r => $"u{r.Item.Item1} i{r.Item.Item2} {r.Index}"), Rated(filter.Result()));
        }, seed: "0000KOIPe036");

    [Fact]
    public void Ids_keep_their_place_and_their_characters_however_many_and_long_they_are()
    {
        string[] odd = ["007", "7", "7.0", "", "A/B", "..", "\0", "🧸", "\ud800", "\ud801", new('x', 200_000), new('x', 200_001)];
        var index = new KeyIndex();
        string[] keys = [.. odd, .. Enumerable.Range(0, 100_000).Select(i => $"user {i}")];
        foreach (var (i, key) in keys.Index()) Assert.Equal(i, index.Of(key));
        foreach (var (i, key) in keys.Index().Reverse()) Assert.Equal(i, index.Of(key));
        Assert.Equal(keys, index);
    }

    [Fact]
    public void Rows_have_the_same_users_and_items_however_many_are_numbered_together()
    {
        var random = new SeededRandom(5);
        foreach (var count in new[] { 0, 1, KeyBatch.Size - 1, KeyBatch.Size, KeyBatch.Size + 1, 5_000 })
        {
            (string User, string Item)[] rows = [.. Enumerable.Range(0, count).Select(_ => ($"u{random.NextInt32(900)}", new string('i', random.NextInt32(300))))];
            var builder = new InteractionBuilder();
            foreach (var (user, item) in rows) builder.Add(user, item, rating: null, time: null);
            Assert.Equal(count, builder.Count);
            var table = builder.Build();
            Assert.Equal(rows.Select(r => r.User).Distinct(), table.Users);
            Assert.Equal(rows.Select(r => r.Item).Distinct(), table.Items);
            Assert.Equal(rows, table.Rows.Select(r => (table.Users[r.User], table.Items[r.Item])));
        }
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

    private static InteractionTable Core(string[] pairs, int core)
    {
        var filter = new RowFilter(Table(pairs));
        Assert.Equal(pairs.Length, filter.KeepCore(core) + filter.Count);
        return filter.Result();
    }

    private static InteractionTable Table(params string[] pairs) => Rows.Of([.. pairs.Select(p => $"{p} -")]);

    private static IEnumerable<string> Pairs(InteractionTable table) => table.Rows.Select(r => $"{table.Users[r.User]} {table.Items[r.Item]}");

    private static IEnumerable<string> Rated(InteractionTable table) => table.Rows.Select(r => $"{table.Users[r.User]} {table.Items[r.Item]} {r.Rating}");
}
