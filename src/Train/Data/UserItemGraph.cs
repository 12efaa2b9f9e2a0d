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

    /// <summary>Degree-sensitive weight of each edge, deg_u^-½ deg_i^-½, with 1e-7 added to degrees (docs/recommenders.md#freedom).</summary>
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

    /// <summary>
    /// The rows of users and columns of items of the adjacency in a symmetric normalisation, [U × I]: the whole of it, since the other block is
    /// the transpose. The entries are the edges in their order.
    /// </summary>
    public CsrMatrix Interactions(Normalization normalization) => Rows(ValuesOf([.. Enumerable.Range(0, Edges)], normalization));

    /// <summary>The row-stochastic normalisations of the adjacency, in which a node goes to each neighbour, and with <paramref name="staying"/> also to itself, with the same probability.</summary>
    public RandomWalk Walk(bool staying)
    {
        var stay = staying ? 1 : 0;
        float[] Share(int[] degrees) => Array.ConvertAll(degrees, degree => 1f / Math.Max(1, degree + stay));
        var (byUser, byItem) = (Share(_userDegrees), Share(_itemDegrees));
        return new RandomWalk(Rows(Array.ConvertAll(_users, user => byUser[user])), Array.ConvertAll(_items, item => byItem[item]), byUser, byItem);
    }

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

    // An edge's value is the product of its ends' factors. That of a node without edges may be infinite, and is never used.
    private static double[] Factors(int[] degrees, Normalization normalization) => normalization switch
    {
        Normalization.Sym => InverseRoots(degrees, 1e-7),
        Normalization.Sym8 => InverseRoots(degrees, 1e-8),
        Normalization.Sym0 => InverseRoots(degrees, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(normalization)),
    };

    private static double[] InverseRoots(int[] degrees, double epsilon) => Array.ConvertAll(degrees, degree => 1 / Math.Sqrt(degree + epsilon));
}
