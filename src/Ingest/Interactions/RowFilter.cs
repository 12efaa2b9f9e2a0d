namespace LmmRec.Ingest.Interactions;

/// <summary>
/// Says which rows of a table stay. It works on their numbers and copies the columns once, at the end: a shop's first passes leave out most of them.
/// </summary>
internal sealed class RowFilter
{
    private readonly InteractionTable _table;
    private readonly int[] _rows;

    public RowFilter(InteractionTable table)
    {
        _table = table;
        _rows = [.. Enumerable.Range(0, table.Rows.Count)];
        Count = _rows.Length;
    }

    /// <summary>The number of rows that stay.</summary>
    public int Count { get; private set; }

    /// <summary>Drops all but the first of rows with equal user and item and, unless <paramref name="whateverTime"/>, equal time.</summary>
    /// <returns>The number of rows dropped.</returns>
    public int DropRepeated(bool whateverTime)
    {
        var (rows, ends) = (_table.Rows, new int[_table.Users.Count + 1]);
        foreach (var row in Rows) ends[rows.Users[row] + 1]++;
        for (var user = 1; user < ends.Length; user++) ends[user] += ends[user - 1];
        var order = new int[Count]; // places in Rows: user after user, each user's in the source's order
        for (var at = 0; at < Count; at++) order[ends[rows.Users[_rows[at]]]++] = at;

        var repeated = new bool[Count];
        var met = new List<Meeting>();
        for (int user = 0, start = 0; user < _table.Users.Count; start = ends[user++])
        {
            met.Clear();
            foreach (var at in order.AsSpan(start..ends[user])) met.Add(new Meeting(rows.Items[_rows[at]], whateverTime ? 0 : rows.Ticks[_rows[at]], at));
            met.Sort();
            for (var i = 1; i < met.Count; i++) repeated[met[i].At] = met[i].Repeats(met[i - 1]);
        }
        return Keep(at => !repeated[at]);
    }

    /// <summary>
    /// The k-core (spec 3.1, step 2): drops users and items with fewer than <paramref name="core"/> rows until none is left. Each pass counts both on
    /// the same rows and drops both.
    /// </summary>
    /// <returns>The number of rows dropped.</returns>
    public int KeepCore(int core)
    {
        var before = Count;
        var (users, items) = (new int[_table.Users.Count], new int[_table.Items.Count]);
        do
        {
            Array.Clear(users);
            Array.Clear(items);
            foreach (var row in Rows)
            {
                users[_table.Rows.Users[row]]++;
                items[_table.Rows.Items[row]]++;
            }
        }
        while (Keep(at => users[_table.Rows.Users[_rows[at]]] >= core && items[_table.Rows.Items[_rows[at]]] >= core) > 0);
        return before - Count;
    }

    /// <summary>The rows that stay, their users and items numbered anew in the order of their first appearance (spec 3.1, step 3).</summary>
    public InteractionTable Result()
    {
        var (users, items) = (new Renumbering(_table.Users), new Renumbering(_table.Items));
        var rows = new InteractionRows();
        foreach (var row in Rows)
        {
            var old = _table.Rows[row];
            rows.Add(old with { User = users.Of(old.User), Item = items.Of(old.Item) });
        }
        return new InteractionTable(users.Keys, items.Keys, rows);
    }

    private ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    private int Keep(Func<int, bool> keeps)
    {
        var kept = 0;
        for (var at = 0; at < Count; at++)
            if (keeps(at)) _rows[kept++] = _rows[at];
        (kept, Count) = (Count - kept, kept);
        return kept;
    }

    private readonly record struct Meeting(int Item, long Time, int At) : IComparable<Meeting>
    {
        public bool Repeats(Meeting other) => Item == other.Item && Time == other.Time;

        public int CompareTo(Meeting other) =>
            Item != other.Item ? Item.CompareTo(other.Item) : Time != other.Time ? Time.CompareTo(other.Time) : At.CompareTo(other.At);
    }

    private sealed class Renumbering(IReadOnlyList<string> keys)
    {
        private readonly int[] _numbers = new int[keys.Count]; // 1 + new number; 0: none yet
        private readonly List<string> _keys = [];

        public IReadOnlyList<string> Keys => _keys;

        public int Of(int old)
        {
            if (_numbers[old] == 0)
            {
                _keys.Add(keys[old]);
                _numbers[old] = _keys.Count;
            }
            return _numbers[old] - 1;
        }
    }
}
