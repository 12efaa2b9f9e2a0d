using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;
using LmmRec.Tables;

namespace LmmRec.Evaluate.Rankings;

/// <summary>
/// The lists of a file as its rows come in, in any order. What is no candidate of the protocol is left out and what follows moves up; all that is left
/// out is counted, with an example. However long the file's lists are, only as much of them is kept as is measured.
/// </summary>
/// <param name="name">name of the case</param>
/// <param name="file">name of the file, for messages</param>
/// <param name="longest">items of a list that count at most</param>
/// <param name="data">whose users and items these are</param>
internal sealed class GivenLists(string name, string file, int longest, HeldOutData data)
{
    private readonly List<Entry>?[] _lists = new List<Entry>?[data.Users.Count]; // each in order, no item twice
    private readonly Left _unknownUsers = new("unknownUsers", "a user that the shop does not have"), _unknownItems = new("unknownItems", "an item that the shop does not have");
    private readonly Left _training = new("trainingItems", "an item of the user's own training part"), _repeated = new("repeatedItems", "an item that stands among the first of the user's list already");
    private long _rows;

    /// <summary>Takes a row of user and item.</summary>
    /// <param name="row">the row</param>
    /// <param name="rank">the place of its rank; null: the file has none</param>
    /// <param name="score">the place of its score; null: the file has none</param>
    /// <exception cref="InvalidInputException">Its rank or score is no finite number.</exception>
    public void Add(TableReader row, int? rank, int? score)
    {
        _rows++;
        var at = rank is { } r ? Number(row, r, "rank") : 0;
        var value = score is { } s ? Number(row, s, "score") : -at; // the higher the better, as of any case
        var (user, item) = (data.Users.Find(row[0]), data.Items.Find(row[1]));
        if (user < 0) _unknownUsers.Add(() => $"'{row[0]}' ({row.Place})");
        else if (item < 0) _unknownItems.Add(() => $"'{row[1]}' ({row.Place})");
        else if (data[Splits.Train][user].BinarySearch(item) >= 0) _training.Add(() => $"'{row[1]}' of user '{row[0]}' ({row.Place})");
        else if (data[Splits.Test][user].Length > 0) Keep(user, new Entry(at, value, item));
    }

    /// <summary>The case, once all rows are in.</summary>
    /// <exception cref="InvalidInputException">No row is of use.</exception>
    public OpenedCase Open()
    {
        var test = data[Splits.Test].UsersWithItems();
        int[] without = [.. test.Where(user => _lists[user] is null)];
        if (without.Length == test.Length)
            throw new InvalidInputException(_rows == 0 ? $"{file}: holds no list; there is no row"
                : $"{file}: holds no list for any of the {test.Length} users of the test split{Left.Words([_unknownUsers, _unknownItems, _training])}; ids are the shop's own, such as user '{data.Users.Ids[test[0]]}' and item '{data.Items.Ids[0]}'");
        Left[] left = [_unknownUsers, _unknownItems, _training, _repeated];
        var facts = new JsonObject { ["rows"] = _rows, ["usersWithoutList"] = without.Length };
        foreach (var kind in left) facts[kind.Fact] = kind.Count;
        return new OpenedCase(CaseDescription.Untrained(name, name), Rank)
        {
            Facts = facts,
            Warnings =
            [
                .. left.Where(kind => kind.Count > 0).Select(kind => $"{name}: {kind}; left out, and what follows moves up"),
                .. without.Take(1).Select(user => $"{name}: {without.Length} of the {test.Length} users of the test split have no list, such as '{data.Users.Ids[user]}'; they count as having found nothing"),
            ],
        };
    }

    private RankedLists Rank(IReadOnlyList<int> users, int k, int threads, CancellationToken cancellation)
    {
        var lists = new RankedLists(users, k);
        foreach (var (position, user) in users.Index())
            foreach (var entry in (_lists[user] ?? []).Take(k)) lists.Add(position, entry.Item, entry.Score);
        return lists;
    }

    private void Keep(int user, Entry entry)
    {
        var list = _lists[user] ??= [];
        if (list.Count == longest && entry.CompareTo(list[^1]) >= 0) return;
        if (list.FindIndex(other => other.Item == entry.Item) is >= 0 and var same)
        {
            _repeated.Add(() => $"'{data.Items.Ids[entry.Item]}' of user '{data.Users.Ids[user]}'");
            if (list[same].CompareTo(entry) <= 0) return;
            list.RemoveAt(same);
        }
        else if (list.Count == longest) list.RemoveAt(longest - 1);
        list.Insert(~list.BinarySearch(entry), entry);
    }

    private static double Number(TableReader row, int column, string what) => RankingsFile.TryParse(row[column], out var value) ? value
        : throw new InvalidInputException($"{row.Place}: the {what} '{row[column]}' is no finite number, so the list has no order; correct the row or leave it out");

    private readonly record struct Entry(double Rank, double Score, int Item) : IComparable<Entry>
    {
        /// <summary>By rank where the file has one, then by score, then by item index.</summary>
        public int CompareTo(Entry other) => (Rank, -Score, Item).CompareTo((other.Rank, -other.Score, other.Item));
    }

    /// <summary>Rows that are left out for one reason.</summary>
    private sealed class Left(string fact, string what)
    {
        private string? _example;

        public string Fact => fact;

        public int Count { get; private set; }

        public void Add(Func<string> example)
        {
            Count++;
            _example ??= example();
        }

        public override string ToString() => $"{Count} {(Count == 1 ? "row names" : "rows name")} {what}, such as {_example}";

        public static string Words(IEnumerable<Left> kinds) => string.Concat(kinds.Where(kind => kind.Count > 0).Select(kind => $"; {kind}"));
    }
}
