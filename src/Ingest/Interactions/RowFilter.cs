using System.Runtime.InteropServices;

namespace LmmRec.Ingest.Interactions;

/// <summary>
/// Says which rows of a table stay. It works on their numbers and moves the rows once, at the end: a shop's first passes leave out most of them.
/// </summary>
internal sealed class RowFilter
{
    private readonly InteractionTable _table;
    private readonly int[] _rows;
    private int[] _order = []; // kept from one time to the next, as it is large

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
        if (_order.Length < Count) _order = new int[Count];
        for (var at = 0; at < Count; at++) _order[ends[rows.Users[_rows[at]]]++] = at; // user after user

        var repeated = new bool[Count];
        var met = new List<Met>(); // by one user
        for (int user = 0, start = 0; user < _table.Users.Count; start = ends[user++])
        {
            met.Clear();
            foreach (var at in _order.AsSpan(start..ends[user])) met.Add(new Met(rows.Items[_rows[at]], at));
            met.Sort();
            for (int first = 0, next = 1; first < met.Count; first = next++)
            {
                while (next < met.Count && met[next].Item == met[first].Item) next++;
                if (next - first == 1) continue;
                var times = new HashSet<long>();
                foreach (var (_, at) in CollectionsMarshal.AsSpan(met)[first..next]) repeated[at] = !times.Add(whateverTime ? 0 : rows.Ticks[_rows[at]]);
            }
        }
        return Keep(at => !repeated[at]);
    }

    /// <summary>
    /// The k-core (docs/data.md#k-core): drops rows of users and items that have fewer than <paramref name="core"/> of them, until there is none.
    /// </summary>
    /// <returns>The number of rows dropped.</returns>
    public int KeepCore(int core)
    {
        var (rows, before) = (_table.Rows, Count);
        var (users, items) = (new int[_table.Users.Count], new int[_table.Items.Count]); // rows that each has left
        foreach (var row in Rows)
        {
            users[rows.Users[row]]++;
            items[rows.Items[row]]++;
        }
        while (Keep(at => Stays(_rows[at])) > 0)
        {
        }
        return before - Count;

        bool Stays(int row)
        {
            ref var user = ref users[rows.Users[row]];
            ref var item = ref items[rows.Items[row]];
            if (user >= core && item >= core) return true;
            user--;
            item--;
            return false;
        }
    }

    /// <summary>Drops the rows of all items but <paramref name="kept"/> by index.</summary>
    /// <returns>The number of rows dropped.</returns>
    public int KeepItems(bool[] kept) => Keep(at => kept[_table.Rows.Items[_rows[at]]]);

    /// <summary>Drops the rows of all items but the <paramref name="number"/> that have the most; of equal ones those that appear first stay.</summary>
    /// <returns>The number of rows dropped.</returns>
    public int KeepMostMet(int number)
    {
        var (counts, kept) = (new int[_table.Items.Count], new bool[_table.Items.Count]);
        foreach (var row in Rows) counts[_table.Rows.Items[row]]++;
        foreach (var item in Enumerable.Range(0, counts.Length).OrderByDescending(item => counts[item]).Take(number)) kept[item] = true;
        return KeepItems(kept);
    }

    /// <summary>
    /// The rows that stay, their users and items numbered anew in the order of their first appearance (docs/data.md#numbering). They take the
    /// place of the others in the columns, since two tables of twenty million rows are too many: the table that was filtered is used up.
    /// </summary>
    public InteractionTable Result()
    {
        var (users, items, rows) = (new Renumbering(_table.Users), new Renumbering(_table.Items), _table.Rows);
        for (var at = 0; at < Count; at++)
        {
            var old = rows[_rows[at]];
            rows[at] = old with { User = users.Of(old.User), Item = items.Of(old.Item) };
        }
        rows.Cut(Count);
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

    /// <summary>An item that a user met, and the place of the row in <see cref="Rows"/>.</summary>
    private readonly record struct Met(int Item, int At) : IComparable<Met>
    {
        public int CompareTo(Met other) => (((long)Item << 32) | (uint)At).CompareTo(((long)other.Item << 32) | (uint)other.At);
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
