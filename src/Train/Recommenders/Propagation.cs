using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Light propagation (spec recommenders 0.4): vectors of users and items, averaged over layers 0 … L of Âˡ [users ; items].</summary>
public static class Propagation
{
    /// <summary>Propagates one table of each side.</summary>
    /// <param name="users">[U × D]</param>
    /// <param name="items">[I × D]</param>
    /// <param name="r">the rows of users and columns of items of a symmetrically normalised adjacency, [U × I]</param>
    /// <param name="layers">L, at least 1</param>
    public static (Tensor Users, Tensor Items) Light(Tensor users, Tensor items, SparseMatrix r, int layers) => Light(users, [items], r, layers)[0];

    /// <summary>Propagates channels that differ in the items' table and share the users'.</summary>
    /// <remarks>
    /// In a bipartite graph what sets out from the users and what sets out from the items meet only in the sum. So each is propagated apart, over
    /// the block of users and items alone, and the users' part once for all channels: 4 products in place of 6 where there are three.
    /// </remarks>
    public static (Tensor Users, Tensor Items)[] Light(Tensor users, IReadOnlyList<Tensor> items, SparseMatrix r, int layers)
    {
        var fromUsers = Layers(users, r.Transpose, r, layers);
        return [.. items.Select(table =>
        {
            var fromItems = Layers(table, r, r.Transpose, layers);
            return ((fromUsers.Home + fromItems.Away) / (layers + 1), (fromItems.Home + fromUsers.Away) / (layers + 1)); // [U, D], [I, D]
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
