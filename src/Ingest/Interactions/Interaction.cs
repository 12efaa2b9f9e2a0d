namespace LmmRec.Ingest.Interactions;

/// <summary>The part of an interaction in training and measuring; the numbers are MMRec's <c>x_label</c>.</summary>
internal enum Part : byte { Train = 0, Validation = 1, Test = 2 }

/// <summary>One interaction; user and item are indices into the keys of its <see cref="InteractionTable"/>.</summary>
/// <param name="User">user index</param>
/// <param name="Item">item index</param>
/// <param name="Rating">as given; null: none</param>
/// <param name="Time">UTC; null: none</param>
/// <param name="Part">null: not split yet</param>
internal readonly record struct Interaction(int User, int Item, double? Rating, DateTime? Time, Part? Part);

/// <summary>Interactions with the shop's own ids of their users and items.</summary>
/// <param name="Users">user keys by index</param>
/// <param name="Items">item keys by index</param>
/// <param name="Rows">the interactions in the order of the source</param>
internal sealed record InteractionTable(IReadOnlyList<string> Users, IReadOnlyList<string> Items, InteractionRows Rows)
{
    /// <summary>
    /// Without the users and items that no row names, such as 0 where ids begin at 1; the others stay in their order. As candidates they would take
    /// ranks from real items.
    /// </summary>
    public InteractionTable WithoutUnused()
    {
        var (users, newUsers) = Used(Users, Rows.Users);
        var (items, newItems) = Used(Items, Rows.Items);
        if (users.Count == Users.Count && items.Count == Items.Count) return this;
        return new InteractionTable(users, items, [.. Rows.Select(row => row with { User = newUsers[row.User], Item = newItems[row.Item] })]);

        // The keys that rows name, and by old number the new one.
        static (List<string> Keys, int[] Numbers) Used(IReadOnlyList<string> keys, Column<int> named)
        {
            var numbers = new int[keys.Count];
            Array.Fill(numbers, -1);
            for (var row = 0; row < named.Count; row++) numbers[named[row]] = 0;
            List<string> used = [];
            for (var old = 0; old < numbers.Length; old++)
            {
                if (numbers[old] < 0) continue;
                numbers[old] = used.Count;
                used.Add(keys[old]);
            }
            return (used, numbers);
        }
    }

    /// <summary>
    /// Drops validation and test rows of users who have no training row (docs/data.md#cold-users-and-items): nothing could be learnt about them.
    /// The users stay, as do items without a training row.
    /// </summary>
    /// <returns>The table, the number of users concerned and of rows dropped.</returns>
    public (InteractionTable Table, int Users, int Rows) WithoutColdUsers()
    {
        var (trained, met) = (new bool[Users.Count], new bool[Users.Count]);
        foreach (var row in Rows)
        {
            met[row.User] = true;
            trained[row.User] |= row.Part == Part.Train;
        }
        InteractionRows kept = [.. Rows.Where(row => trained[row.User])];
        return (this with { Rows = kept }, met.Count(m => m) - trained.Count(t => t), Rows.Count - kept.Count);
    }
}
