namespace LmmRec.Train.Data;

/// <summary>
/// The bipartite graph of users and the items of their training interactions. Node u is user u, node U + i is item i.
/// </summary>
public sealed class UserItemGraph
{
    private readonly int[] _users;
    private readonly int[] _items;
    private readonly int[] _userDegrees;
    private readonly int[] _itemDegrees;

    // Edges ascend by user, then item.
    private UserItemGraph(int users, int items, int[] edgeUsers, int[] edgeItems)
    {
        (Users, Items, _users, _items) = (users, items, edgeUsers, edgeItems);
        (_userDegrees, _itemDegrees) = (new int[users], new int[items]);
        foreach (var user in edgeUsers) _userDegrees[user]++;
        foreach (var item in edgeItems) _itemDegrees[item]++;
    }

    /// <summary>U</summary>
    public int Users { get; }

    /// <summary>I</summary>
    public int Items { get; }

    /// <summary>E, the number of interactions.</summary>
    public int Edges => _users.Length;

    /// <summary>The graph of all training interactions.</summary>
    public static UserItemGraph Of(Dataset data)
    {
        List<int> users = [], items = [];
        for (var user = 0; user < data.Users; user++)
            foreach (var item in data.TrainItems[user])
            {
                users.Add(user);
                items.Add(item);
            }
        return new UserItemGraph(data.Users, data.Items, [.. users], [.. items]);
    }

    /// <summary>Degree-sensitive weight of each edge, deg_u^-½ deg_i^-½, with 1e-7 added to degrees (FREEDOM, spec recommenders 9).</summary>
    public double[] EdgeWeights()
    {
        var (byUser, byItem) = (InverseRoots(_userDegrees, 1e-7), InverseRoots(_itemDegrees, 1e-7));
        return [.. _users.Zip(_items, (user, item) => byUser[user] * byItem[item])];
    }

    /// <summary>The graph of the edges of the given numbers; edges are numbered 0 … E − 1 by user, then item.</summary>
    public UserItemGraph Keep(ReadOnlySpan<int> edges)
    {
        var (users, items) = (new int[edges.Length], new int[edges.Length]);
        for (var e = 0; e < edges.Length; e++) (users[e], items[e]) = (_users[edges[e]], _items[edges[e]]);
        return new UserItemGraph(Users, Items, users, items);
    }

    /// <summary>The graph without the edges of the nodes that <paramref name="users"/> and <paramref name="items"/> do not list; both ascend.</summary>
    public UserItemGraph KeepNodes(ReadOnlySpan<int> users, ReadOnlySpan<int> items)
    {
        var (keepUser, keepItem) = (new bool[Users], new bool[Items]);
        foreach (var user in users) keepUser[user] = true;
        foreach (var item in items) keepItem[item] = true;
        return Keep([.. Enumerable.Range(0, Edges).Where(e => keepUser[_users[e]] && keepItem[_items[e]])]);
    }

    /// <summary>The normalised adjacency [N × N], N = U + I.</summary>
    public CsrMatrix Adjacency(Normalization normalization)
    {
        var loops = normalization == Normalization.RandomWalkWithSelfLoops ? 1 : 0;
        var nodes = Users + Items;
        var starts = new int[nodes + 1];
        for (var user = 0; user < Users; user++) starts[user + 1] = starts[user] + _userDegrees[user] + loops;
        for (var item = 0; item < Items; item++) starts[Users + item + 1] = starts[Users + item] + _itemDegrees[item] + loops;

        // An edge's weight is the product of its ends' factors: of a by row, of b by column.
        var (userRow, itemRow, userColumn, itemColumn) = Factors(normalization);
        var (indices, values) = (new int[starts[nodes]], new float[starts[nodes]]);
        var next = starts[..nodes];
        void Add(int row, int column, double value) => (indices[next[row]], values[next[row]++]) = (column, (float)value);

        for (var user = 0; user < Users && loops > 0; user++) Add(user, user, userRow[user]);
        for (var e = 0; e < Edges; e++)
        {
            var (user, item) = (_users[e], _items[e]);
            Add(user, Users + item, userRow[user] * itemColumn[item]);
            Add(Users + item, user, itemRow[item] * userColumn[user]);
        }
        for (var item = 0; item < Items && loops > 0; item++) Add(Users + item, Users + item, itemRow[item]);
        return new CsrMatrix(nodes, nodes, starts, indices, values);
    }

    /// <summary>The rows of users and columns of items of the normalised adjacency [U × I]; of one without self loops.</summary>
    public CsrMatrix UserRows(Normalization normalization)
    {
        var (userRow, _, _, itemColumn) = Factors(normalization);
        var starts = new int[Users + 1];
        for (var user = 0; user < Users; user++) starts[user + 1] = starts[user] + _userDegrees[user];
        return new CsrMatrix(Users, Items, starts, _items, [.. _users.Zip(_items, (user, item) => (float)(userRow[user] * itemColumn[item]))]);
    }

    private (double[] UserRow, double[] ItemRow, double[] UserColumn, double[] ItemColumn) Factors(Normalization normalization)
    {
        if (normalization is Normalization.Mean or Normalization.RandomWalkWithSelfLoops)
        {
            var loops = normalization == Normalization.Mean ? 0 : 1;
            return (Array.ConvertAll(_userDegrees, d => 1.0 / (d + loops)), Array.ConvertAll(_itemDegrees, d => 1.0 / (d + loops)), Ones(Users), Ones(Items));
        }
        var epsilon = normalization switch { Normalization.Sym => 1e-7, Normalization.Sym8 => 1e-8, _ => 0 };
        var (byUser, byItem) = (InverseRoots(_userDegrees, epsilon), InverseRoots(_itemDegrees, epsilon));
        return (byUser, byItem, byUser, byItem);
    }

    // The factor of a node without edges is infinite where epsilon is 0, and never used.
    private static double[] InverseRoots(int[] degrees, double epsilon) => Array.ConvertAll(degrees, degree => 1 / Math.Sqrt(degree + epsilon));

    private static double[] Ones(int count)
    {
        var ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
