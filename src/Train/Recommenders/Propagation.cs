using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>A table of nodes' vectors, the mean over the layers of a propagation, of which rows are taken before they are divided.</summary>
/// <param name="Sum">over the layers, [n × D]</param>
/// <param name="Count">layers, the one before propagation among them</param>
public readonly record struct LayerMean(Tensor Sum, int Count)
{
    /// <summary>All rows, [n × D].</summary>
    public Tensor All => Sum / Count;

    /// <summary>Some rows, [m × D].</summary>
    public Tensor this[Tensor rows] => Sum[rows] / Count;
}

/// <summary>
/// Light propagation (docs/recommenders.md#propagation): vectors of users and items, averaged over layers 0 … L of Âˡ [users ; items].
/// </summary>
public static class Propagation
{
    /// <summary>Propagates one table of each side, by Horner's scheme: x + Â (x + Â (x + …)).</summary>
    /// <param name="users">[U × D]</param>
    /// <param name="items">[I × D]</param>
    /// <param name="r">the rows of users and columns of items of a symmetrically normalised adjacency, [U × I]</param>
    /// <param name="layers">L, at least 1</param>
    public static (LayerMean Users, LayerMean Items) Light(Tensor users, Tensor items, SparseMatrix r, int layers)
    {
        var (u, i) = (users, items);
        for (var layer = 1; layer <= layers; layer++) (u, i) = (users + r * i, items + r.Transpose * u);
        return (new LayerMean(u, layers + 1), new LayerMean(i, layers + 1));
    }

    /// <summary>Propagates channels that differ in the items' table and share the users'.</summary>
    /// <remarks>
    /// In a bipartite graph what sets out from the users and what sets out from the items meet only in the sum. So each is propagated apart, over
    /// the block of users and items alone, and the users' part once for all channels: 4 products in place of 6 where there are three.
    /// </remarks>
    public static (LayerMean Users, LayerMean Items)[] Light(Tensor users, IReadOnlyList<Tensor> items, SparseMatrix r, int layers)
    {
        var fromUsers = Layers(users, r.Transpose, r, layers);
        return [.. items.Select(table =>
        {
            var fromItems = Layers(table, r, r.Transpose, layers);
            return (new LayerMean(fromUsers.Home + fromItems.Away, layers + 1), new LayerMean(fromItems.Home + fromUsers.Away, layers + 1)); // [U, D], [I, D]
        })];
    }

    // The sums over the even layers, which are on the side of the table, and over the odd ones, which are on the other.
    private static (Tensor Home, Tensor Away) Layers(Tensor table, SparseMatrix away, SparseMatrix home, int layers)
    {
        var first = away * table;
        var sums = (Home: table, Away: first);
        var (layer, last) = (2, first);
        for (; layer <= layers; layer++)
        {
            last = (layer % 2 == 0 ? home : away) * last;
            sums = layer % 2 == 0 ? (sums.Home + last, sums.Away) : (sums.Home, sums.Away + last);
        }
        return sums;
    }
}
