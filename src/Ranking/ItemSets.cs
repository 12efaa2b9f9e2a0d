namespace LmmRec.Ranking;

/// <summary>A set of items per user, such as the training items; ascending and without repeats.</summary>
public sealed class ItemSets
{
    private readonly int[] _starts;
    private readonly int[] _items;

    private ItemSets(int[] starts, int[] items) => (_starts, _items) = (starts, items);

    /// <summary>Number of users, those with an empty set included.</summary>
    public int Users => _starts.Length - 1;

    /// <summary>Number of pairs of user and item.</summary>
    public int Count => _items.Length;

    /// <summary>The items of <paramref name="user"/>, ascending.</summary>
    public ReadOnlySpan<int> this[int user] => _items.AsSpan(_starts[user].._starts[user + 1]);

    /// <summary>The users whose set is not empty, ascending.</summary>
    public int[] UsersWithItems() => [.. Enumerable.Range(0, Users).Where(user => _starts[user + 1] > _starts[user])];

    /// <summary>The pairs, by user and then by item.</summary>
    public IEnumerable<(int User, int Item)> Pairs()
    {
        for (var user = 0; user < Users; user++)
            for (var at = _starts[user]; at < _starts[user + 1]; at++) yield return (user, _items[at]);
    }

    /// <summary>
    /// The same sets with items numbered anew: first those that have a vector, then the others, in their old order. Where the others are held out
    /// they count as not found, since no ranking holds their numbers.
    /// </summary>
    /// <param name="hasVector">whether each item has a vector</param>
    public ItemSets Renumbered(IReadOnlyList<bool> hasVector)
    {
        var numbers = new int[hasVector.Count];
        var next = 0;
        foreach (var has in new[] { true, false })
            for (var item = 0; item < numbers.Length; item++)
                if (hasVector[item] == has) numbers[item] = next++;
        return Of(Users, numbers.Length, Pairs().Select(pair => (pair.User, numbers[pair.Item])));
    }

    /// <summary>Groups pairs by user; a pair that is there twice counts once.</summary>
    /// <param name="users">number of users; indices are below it</param>
    /// <param name="items">number of items; indices are below it</param>
    /// <param name="pairs">in any order</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not below its number.</exception>
    public static ItemSets Of(int users, int items, IEnumerable<(int User, int Item)> pairs)
    {
        // One sortable number per pair: user before item.
        var keys = pairs.Select(pair => (long)Checked(pair.User, users) << 32 | (uint)Checked(pair.Item, items)).Distinct().ToArray();
        Array.Sort(keys);
        var starts = new int[users + 1];
        foreach (var key in keys) starts[(int)(key >> 32) + 1]++;
        for (var user = 0; user < users; user++) starts[user + 1] += starts[user];
        return new ItemSets(starts, Array.ConvertAll(keys, key => (int)key));
    }

    private static int Checked(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        return index;
    }
}
