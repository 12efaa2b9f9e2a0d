namespace LmmRec.Ingest.Interactions;

/// <summary>The part of an interaction in training and measuring; the numbers are MMRec's <c>x_label</c>.</summary>
internal enum Part : byte { Train = 0, Validation = 1, Test = 2 }

/// <summary>One interaction; user and item are indices into the keys of its <see cref="InteractionTable"/>.</summary>
/// <param name="User">user index</param>
/// <param name="Item">item index</param>
/// <param name="Rating">as given</param>
/// <param name="Time">UTC</param>
/// <param name="Part">null: not split yet</param>
internal readonly record struct Interaction(int User, int Item, double? Rating, DateTime? Time, Part? Part);

/// <summary>Interactions with the shop's own ids of their users and items.</summary>
/// <param name="Users">user keys by index</param>
/// <param name="Items">item keys by index</param>
/// <param name="Rows">the interactions in the order of the source</param>
internal sealed record InteractionTable(IReadOnlyList<string> Users, IReadOnlyList<string> Items, IReadOnlyList<Interaction> Rows)
{
    /// <summary>Keeps the first of rows with equal user, item and time (spec 3.1, step 1).</summary>
    public InteractionTable WithoutDuplicates()
    {
        var seen = new HashSet<(int User, int Item, DateTime? Time)>(Rows.Count);
        return this with { Rows = [.. Rows.Where(row => seen.Add((row.User, row.Item, row.Time)))] };
    }

    /// <summary>
    /// Without the users and items that no row names, such as 0 where ids begin at 1; the others stay in their order. Nobody could rank or be ranked by
    /// them, and as candidates they would take ranks.
    /// </summary>
    public InteractionTable WithoutUnused()
    {
        var (users, userNumbers) = Used(Users, Rows.Select(row => row.User));
        var (items, itemNumbers) = Used(Items, Rows.Select(row => row.Item));
        return new InteractionTable(users, items, [.. Rows.Select(row => row with { User = userNumbers[row.User], Item = itemNumbers[row.Item] })]);

        static (IReadOnlyList<string> Keys, int[] Numbers) Used(IReadOnlyList<string> keys, IEnumerable<int> named)
        {
            var numbers = new int[keys.Count];
            foreach (var index in named) numbers[index] = 1;
            List<string> used = [];
            for (var index = 0; index < numbers.Length; index++)
            {
                if (numbers[index] == 0) continue;
                numbers[index] = used.Count;
                used.Add(keys[index]);
            }
            return (used, numbers);
        }
    }

    /// <summary>Numbers the users and items that occur anew, in the order of their first appearance (spec 3.1, step 3).</summary>
    public InteractionTable Reindexed()
    {
        var users = new KeyIndex();
        var items = new KeyIndex();
        var rows = new List<Interaction>(Rows.Count);
        foreach (var row in Rows) rows.Add(row with { User = users.Of(Users[row.User]), Item = items.Of(Items[row.Item]) });
        return new InteractionTable(users.Keys, items.Keys, rows);
    }

    /// <summary>
    /// Drops validation and test rows of users who have no training row (spec 3.3): nothing could be learnt about them. The users stay, as do items
    /// without a training row.
    /// </summary>
    /// <returns>The table, the number of users concerned and of rows dropped.</returns>
    public (InteractionTable Table, int Users, int Rows) WithoutColdUsers()
    {
        var trained = new bool[Users.Count];
        foreach (var row in Rows)
            if (row.Part == Part.Train) trained[row.User] = true;
        var kept = Rows.Where(row => trained[row.User]).ToList();
        var users = Rows.Where(row => !trained[row.User]).Select(row => row.User).Distinct().Count();
        return (this with { Rows = kept }, users, Rows.Count - kept.Count);
    }
}
