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

    /// <summary>The edges between the given nodes; both lists and the result ascend.</summary>
    public int[] EdgesBetween(ReadOnlySpan<int> users, ReadOnlySpan<int> items)
    {
        var (keepUser, keepItem) = (new bool[Users], new bool[Items]);
        foreach (var user in users) keepUser[user] = true;
        foreach (var item in items) keepItem[item] = true;
        return [.. Enumerable.Range(0, Edges).Where(e => keepUser[_users[e]] && keepItem[_items[e]])];
    }

    /// <summary>The normalised adjacency [N × N], N = U + I.</summary>
    public CsrMatrix Adjacency(Normalization normalization)
    {
        var loops = normalization == Normalization.RandomWalkWithSelfLoops ? 1 : 0;
        var nodes = Users + Items;
        var starts = new int[nodes + 1];
        for (var user = 0; user < Users; user++) starts[user + 1] = starts[user] + _userDegrees[user] + loops;
        for (var item = 0; item < Items; item++) starts[Users + item + 1] = starts[Users + item] + _itemDegrees[item] + loops;

        var (byUser, byItem) = (Factors(_userDegrees, normalization), Factors(_itemDegrees, normalization));
        var symmetric = normalization != Normalization.RandomWalkWithSelfLoops;
        var (indices, values) = (new int[starts[nodes]], new float[starts[nodes]]);
        var next = starts[..nodes];
        void Add(int row, int column, double value) => (indices[next[row]], values[next[row]++]) = (column, (float)value);

        for (var user = 0; user < Users && loops > 0; user++) Add(user, user, byUser[user]);
        for (var e = 0; e < Edges; e++)
        {
            var (user, item) = (_users[e], _items[e]);
            Add(user, Users + item, byUser[user] * (symmetric ? byItem[item] : 1));
            Add(Users + item, user, byItem[item] * (symmetric ? byUser[user] : 1));
        }
        for (var item = 0; item < Items && loops > 0; item++) Add(Users + item, Users + item, byItem[item]);
        return new CsrMatrix(nodes, nodes, starts, indices, values);
    }

    /// <summary>
    /// The rows of users and columns of items of the adjacency in a symmetric normalisation, [U × I]: the whole of it, since the other block is
    /// the transpose. The entries are the edges in their order.
    /// </summary>
    public CsrMatrix Interactions(Normalization normalization) => Rows(ValuesOf([.. Enumerable.Range(0, Edges)], normalization));

    /// <summary>
    /// Means over neighbours: the matrix whose rows are means over a user's items, [U × I], and the values in the order of its entries with which
    /// the rows of its transpose are means over an item's users.
    /// </summary>
    public (CsrMatrix ByUser, float[] ByItem) Means() =>
        (Rows(Array.ConvertAll(_users, user => 1f / _userDegrees[user])), Array.ConvertAll(_items, item => 1f / _itemDegrees[item]));

    /// <summary>
    /// The values of <see cref="Interactions"/> when only the edges <paramref name="kept"/> are there: degrees are counted on them, and the others
    /// have the value 0. [E]
    /// </summary>
    public float[] ValuesOf(ReadOnlySpan<int> kept, Normalization normalization)
    {
        var (users, items) = (new int[Users], new int[Items]);
        foreach (var e in kept)
        {
            users[_users[e]]++;
            items[_items[e]]++;
        }
        var (byUser, byItem) = (Factors(users, normalization), Factors(items, normalization));
        var values = new float[Edges];
        foreach (var e in kept) values[e] = (float)(byUser[_users[e]] * byItem[_items[e]]);
        return values;
    }

    // The matrix [U × I] of the edges with these values.
    private CsrMatrix Rows(float[] values)
    {
        var starts = new int[Users + 1];
        for (var user = 0; user < Users; user++) starts[user + 1] = starts[user] + _userDegrees[user];
        return new CsrMatrix(Users, Items, starts, _items, values);
    }

    // Where degrees stand on both sides, an edge's value is the product of its ends' factors; else it is its row's. The factor of a node without
    // edges may be infinite, and is never used.
    private static double[] Factors(int[] degrees, Normalization normalization) => normalization switch
    {
        Normalization.RandomWalkWithSelfLoops => Array.ConvertAll(degrees, degree => 1.0 / (degree + 1)),
        Normalization.Sym => InverseRoots(degrees, 1e-7),
        Normalization.Sym8 => InverseRoots(degrees, 1e-8),
        Normalization.Sym0 => InverseRoots(degrees, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(normalization)),
    };

    private static double[] InverseRoots(int[] degrees, double epsilon) => Array.ConvertAll(degrees, degree => 1 / Math.Sqrt(degree + epsilon));
}
