using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tests;

public sealed class SplitTests
{
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
        Assert.Equal((train, validation, test), Split.Counts(n));

    [Fact]
    public void From_ten_on_the_rule_truncates_a_fifth_and_gives_the_odd_one_to_test()
    {
        for (var n = 5; n < 10; n++) Assert.Equal((n - 2, 1, 1), Split.Counts(n));
        for (var n = 10; n <= 400; n++)
        {
            var (train, validation, test) = Split.Counts(n);
            Assert.Equal((int)(0.2 * n), validation + test);
            Assert.Equal(n, train + validation + test);
            Assert.InRange(test - validation, 0, 1);
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_split_and_another_seed_another()
    {
        var table = Rows.Of([.. Enumerable.Range(0, 600).Select(i => $"u{i % 40} i{i} -")]);
        var first = Split.Draw(table, new SplitOptions());
        Assert.Equal(first.Rows, Split.Draw(table, new SplitOptions()).Rows);
        Assert.NotEqual(first.Rows, Split.Draw(table, new SplitOptions { Seed = 1000 }).Rows);
        Assert.Equal(table.Rows, first.Rows.Select(r => r with { Part = null }));
        foreach (var user in first.Rows.GroupBy(r => r.User))
            Assert.Equal(Split.Counts(15), (user.Count(r => r.Part == Part.Train), user.Count(r => r.Part == Part.Validation), user.Count(r => r.Part == Part.Test)));
    }

    [Fact]
    public void A_seed_names_a_random_split_for_good()
    {
        var table = Rows.Of([.. Enumerable.Range(0, 24).Select(i => $"u{i % 2} i{i} -")]);
        Assert.Equal("000000001000020001002000", Labels(Split.Draw(table, new SplitOptions())));
    }

    [Fact]
    public void Of_leave_one_out_the_last_by_time_is_in_test_and_the_one_before_in_validation()
    {
        var table = Rows.Of("A v 3", "A w 1", "B v 1", "A x 4", "B w 2", "A y 2", "C v 9", "C w 8", "C x 7");
        Assert.Equal("100200210", Labels(Split.Draw(table, new SplitOptions { Kind = SplitKind.LeaveOneOut })));
    }

    [Fact]
    public void Rows_without_a_time_count_as_the_oldest_and_equal_times_keep_the_order_of_the_source()
    {
        var table = Rows.Of("A u 5", "A v 5", "A w -", "A x 5", "A y -");
        Assert.Equal("01020", Labels(Split.Draw(table, new SplitOptions { Kind = SplitKind.LeaveOneOut })));
        Assert.Equal("01020", Labels(Split.Draw(table, new SplitOptions { Kind = SplitKind.UserTime })));
    }

    [Fact]
    public void A_split_by_user_and_time_parts_eight_to_one_to_one_in_the_order_of_time()
    {
        var table = Rows.Of([.. Enumerable.Range(0, 20).Select(i => $"A i{i} {100 - i}"), .. Enumerable.Range(0, 5).Select(i => $"B i{i} {i + 500}")]);
        Assert.Equal("2211" + new string('0', 16) + "00012", Labels(Split.Draw(table, new SplitOptions { Kind = SplitKind.UserTime })));
    }

    [Fact]
    public void A_split_by_global_time_is_two_moments_and_parts_no_rows_of_the_same_one()
    {
        var options = new SplitOptions { Kind = SplitKind.GlobalTime };
        Assert.Equal("1000000002", Labels(Split.Draw(Rows.Of([.. Enumerable.Range(0, 9).Select(i => $"u{i} x {(i == 0 ? 90 : i)}"), "A x 91"]), options)));
        // Of 20 rows by time the 17th and 19th are the moments; the 16th happened with the 17th.
        var rows = Enumerable.Range(0, 20).Select(i => $"u{i} x {(i == 15 ? 16 : i)}").ToArray();
        Assert.Equal("00000000000000011122", Labels(Split.Draw(Rows.Of(rows), options)));
        rows[3] = "u3 x -";
        Assert.Equal("00000000000000011122", Labels(Split.Draw(Rows.Of(rows), options)));
    }

    [Theory]
    [InlineData(SplitKind.LeaveOneOut, "-", "no interaction has a time to part by")]
    [InlineData(SplitKind.UserTime, "-", "no interaction has a time to part by")]
    [InlineData(SplitKind.GlobalTime, "-", "no interaction has a time to part by")]
    [InlineData(SplitKind.GlobalTime, "7", "too many of 30 interactions have the same time")]
    public void A_split_by_time_without_times_that_differ_is_refused(SplitKind kind, string time, string expected)
    {
        var table = Rows.Of([.. Enumerable.Range(0, 30).Select(i => $"u{i % 3} i{i} {time}")]);
        var error = Assert.Throws<InvalidInputException>(() => Split.Draw(table, new SplitOptions { Kind = kind }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SplitKind.Random)]
    [InlineData(SplitKind.LeaveOneOut)]
    [InlineData(SplitKind.UserTime)]
    [InlineData(SplitKind.GlobalTime)]
    public void A_cold_item_has_rows_of_one_part_that_is_not_training_and_the_others_are_parted_as_without_it(SplitKind kind)
    {
        var table = Rows.Of([.. Enumerable.Range(0, 600).Select(i => $"u{i % 40} i{i * i % 23} {i}")]);
        var cold = Split.Draw(table, new SplitOptions { Kind = kind, Cold = 0.25 });
        var coldItems = cold.Rows.GroupBy(r => r.Item).Where(item => item.All(r => r.Part != Part.Train)).ToDictionary(item => item.Key, item => item.Select(r => r.Part).Distinct().Single());
        Assert.Equal((int)(0.25 * table.Items.Count), coldItems.Count);
        Assert.Equal(coldItems.Count / 2, coldItems.Values.Count(part => part == Part.Validation));

        var warm = table with { Rows = [.. table.Rows.Where(r => !coldItems.ContainsKey(r.Item))] };
        Assert.Equal(Split.Draw(warm, new SplitOptions { Kind = kind }).Rows, cold.Rows.Where(r => !coldItems.ContainsKey(r.Item)));
        Assert.Equal(cold.Rows, Split.Draw(table, new SplitOptions { Kind = kind, Cold = 0.25 }).Rows);
        Assert.NotEqual(cold.Rows, Split.Draw(table, new SplitOptions { Kind = kind, Cold = 0.25, Seed = 1 }).Rows);
    }

    private static string Labels(InteractionTable table) => string.Concat(table.Rows.Select(r => (int)r.Part!));
}

/// <summary>Tables of interactions, a string each: user, item, time as a day of 1970 (- for none) and, if it matters, rating.</summary>
internal static class Rows
{
    public static InteractionTable Of(params string[] rows)
    {
        var table = new InteractionBuilder();
        foreach (var row in rows.Select(r => r.Split(' ')))
            table.Add(row[0], row[1], row.Length > 3 ? Number(row[3]) : null, row[2] == "-" ? null : DateTime.UnixEpoch.AddDays(Number(row[2])));
        return table.Build();
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
