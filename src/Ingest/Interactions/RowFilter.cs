namespace LmmRec.Ingest.Interactions;

/// <summary>
/// Says which rows of a table stay. It works on their numbers and moves the rows once, at the end: a shop's first passes leave out most of them.
/// </summary>
internal sealed class RowFilter
{
    // Rows whose repeats are looked for at a time, so that they lie in the cache and not all rows lie there twice.
    private const int Block = 1 << 22;

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
        var (rows, users) = (_table.Rows, _table.Users.Count);
        var (ends, repeated) = (new int[users + 1], new bool[Count]);
        foreach (var row in Rows) ends[rows.Users[row] + 1]++;
        for (var user = 1; user <= users; user++) ends[user] += ends[user - 1]; // the beginning of each user's rows until they are placed
        var met = new long[Math.Min(Count, Block)]; // user after user: an item, and the place of its row in Rows
        for (int from = 0, to; from < users; from = to)
        {
            var begin = from == 0 ? 0 : ends[from - 1];
            for (to = from + 1; to < users && ends[to + 1] - begin <= Block; to++)
            {
            }
            if (ends[to] - begin > met.Length) met = new long[ends[to] - begin]; // one user has more than a block
            for (var at = 0; at < Count; at++)
            {
                var user = rows.Users[_rows[at]];
                if (user >= from && user < to) met[ends[user]++ - begin] = ((long)rows.Items[_rows[at]] << 32) | (uint)at;
            }
            for (int user = from, start = begin; user < to; start = ends[user++]) MarkRepeated(met.AsSpan((start - begin)..(ends[user] - begin)));
        }
        return Keep(at => !repeated[at]);

        void MarkRepeated(Span<long> byUser)
        {
            byUser.Sort();
            for (int first = 0, next = 1; first < byUser.Length; first = next++)
            {
                while (next < byUser.Length && byUser[next] >> 32 == byUser[first] >> 32) next++;
                if (next - first == 1) continue;
                var times = new HashSet<long>();
                foreach (var at in byUser[first..next]) repeated[(int)at] = !times.Add(whateverTime ? 0 : rows.Ticks[_rows[(int)at]]);
            }
        }
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
