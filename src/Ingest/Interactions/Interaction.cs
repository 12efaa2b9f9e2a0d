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
    /// Drops validation and test rows of users who have no training row (spec 3.3): nothing could be learnt about them. The users stay, as do items
    /// without a training row.
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
