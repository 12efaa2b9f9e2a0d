using LmmRec.Artifacts;

namespace LmmRec.Ingest.Interactions;

/// <summary>Parts interactions into training, validation and test (docs/data.md#splits).</summary>
internal static class Split
{
    /// <summary>How many of <paramref name="n"/> interactions go where at 8:1:1; an odd one out goes to test.</summary>
    public static (int Train, int Validation, int Test) Counts(int n) => n < 10 ? LastTwo(n) : (n - n / 5, n / 5 / 2, n / 5 - n / 5 / 2);

    /// <summary>The table in its old order, each row with its part. A given split is no matter of this.</summary>
    /// <exception cref="InvalidInputException">The split goes by time, and too few rows have one, or too many the same.</exception>
    public static InteractionTable Draw(InteractionTable table, SplitOptions options)
    {
        var parts = new Part[table.Rows.Count];
        var cold = ColdItems(table.Items.Count, options);
        var warm = new List<int>(parts.Length);
        for (var row = 0; row < parts.Length; row++)
        {
            if (cold[table.Rows.Items[row]] is { } part) parts[row] = part;
            else warm.Add(row);
        }

        var order = warm.ToArray();
        if (options.Kind == SplitKind.Random) SeededRandom.For(options.Seed, "split").Shuffle<int>(order);
        else SortByTime(order, table.Rows);
        if (options.Kind == SplitKind.GlobalTime) CutByTime(order, table.Rows, parts);
        else PartPerUser(order, table, options.Kind == SplitKind.LeaveOneOut ? LastTwo : Counts, parts);
        return table with { Rows = table.Rows.Parted(parts) };
    }

    // Below three there is nothing to hold out: training comes first.
    private static (int Train, int Validation, int Test) LastTwo(int n) => n < 3 ? (n, 0, 0) : (n - 2, 1, 1);

    // By item where all its rows go; null: warm. Whole items, so that those that choose a model are others than those that measure it.
    private static Part?[] ColdItems(int items, SplitOptions options)
    {
        var order = Enumerable.Range(0, items).ToArray();
        SeededRandom.For(options.Seed, "cold").Shuffle<int>(order);
        var parts = new Part?[items];
        var cold = (int)(options.Cold * items);
        for (var i = 0; i < cold; i++) parts[order[i]] = i < cold / 2 ? Part.Validation : Part.Test;
        return parts;
    }

    private static void SortByTime(int[] order, InteractionRows rows)
    {
        var times = Array.ConvertAll(order, row => new Stamp(rows.Ticks[row], row));
        if (Array.TrueForAll(times, t => t.Ticks == InteractionRows.NoTime))
            throw new InvalidInputException("ingest.split.kind: no interaction has a time to part by; name the column of times, or take \"random\"");
        Array.Sort(times, order);
    }

    private static void PartPerUser(int[] order, InteractionTable table, Func<int, (int Train, int Validation, int Test)> counts, Part[] parts)
    {
        var (count, seen) = (new int[table.Users.Count], new int[table.Users.Count]);
        foreach (var row in order) count[table.Rows.Users[row]]++;
        foreach (var row in order)
        {
            var user = table.Rows.Users[row];
            var (train, validation, _) = counts(count[user]);
            var rank = seen[user]++;
            parts[row] = rank < train ? Part.Train : rank < train + validation ? Part.Validation : Part.Test;
        }
    }

    // Two moments part all rows, so rows of the same moment stay together.
    private static void CutByTime(int[] order, InteractionRows rows, Part[] parts)
    {
        var (train, validation, _) = Counts(order.Length);
        long TimeAt(int place) => rows.Ticks[order[Math.Min(place, order.Length - 1)]];
        var (first, second) = (TimeAt(train), TimeAt(train + validation));
        if (TimeAt(0) == first || first == second)
            throw new InvalidInputException(
                $"ingest.split.kind \"global-time\": too many of {order.Length} interactions have the same time, or none, so no two moments part them 8:1:1; take \"user-time\" or \"random\"");
        foreach (var row in order) parts[row] = rows.Ticks[row] < first ? Part.Train : rows.Ticks[row] < second ? Part.Validation : Part.Test;
    }

    private readonly record struct Stamp(long Ticks, int Row) : IComparable<Stamp>
    {
        public int CompareTo(Stamp other) => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Row.CompareTo(other.Row);
    }
}
