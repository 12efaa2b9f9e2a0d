using LmmRec.Artifacts;

namespace LmmRec.Ingest.Interactions;

/// <summary>MMRec's random 8:1:1 split per user (spec 3.2).</summary>
internal static class RandomSplit
{
    /// <summary>How many of a user's <paramref name="n"/> interactions go where; an odd one out goes to test.</summary>
    public static (int Train, int Validation, int Test) Counts(int n)
    {
        if (n < 3) return (n, 0, 0); // below the rule's range: only a core under 3 lets such users through, and training comes first
        if (n < 10) return (n - 2, 1, 1);
        var held = n / 5;
        return (n - held, held / 2, held - held / 2);
    }

    /// <summary>Draws the split: all rows are shuffled, then each user's rows, in that order, go to training, validation and test.</summary>
    /// <returns>The table in its old order, each row with its part.</returns>
    public static InteractionTable Draw(InteractionTable table, long seed)
    {
        var order = Enumerable.Range(0, table.Rows.Count).ToArray();
        SeededRandom.For(seed, "split").Shuffle<int>(order);

        var count = new int[table.Users.Count];
        foreach (var row in table.Rows) count[row.User]++;

        var seen = new int[table.Users.Count];
        var parts = new Part[table.Rows.Count];
        foreach (var row in order)
        {
            var user = table.Rows.Users[row];
            var (train, validation, _) = Counts(count[user]);
            var rank = seen[user]++;
            parts[row] = rank < train ? Part.Train : rank < train + validation ? Part.Validation : Part.Test;
        }
        return table with { Rows = table.Rows.Parted(parts) };
    }
}
