namespace LmmRec.Dense;

/// <summary>
/// The nearest items of each item by the cosine of their features, itself among them (docs/recommenders.md#item-graph). The relation is directed.
/// A row of zeros has no direction: its only neighbour is itself, and it is nobody's.
/// </summary>
/// <param name="K">k, neighbours of each item</param>
/// <param name="Items">[I × k] itself, then nearest first, ties by index; where an item has fewer, it is listed again</param>
/// <param name="Similarities">[I × k] cosines; 0 where the item is listed again</param>
public sealed record Neighbours(int K, int[] Items, float[] Similarities)
{
    /// <summary>
    /// Finds the <paramref name="k"/> nearest of every item. Memory beyond the features is that of the result and half a megabyte per thread;
    /// pairs of blocks are multiplied once for both directions. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="features">[I × width], row by row</param>
    /// <param name="width">length of a row</param>
    /// <param name="k">at least 1; where there are fewer items, all of them</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks</param>
    public static Neighbours Of(float[] features, int width, int k, int threads, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var items = features.Length / width;
        k = Math.Min(k, items);
        var cosines = new Cosines(features, features, width);
        var nearest = new NearestSoFar(items, k);
        var blocks = (items + Cosines.Side - 1) / Cosines.Side;
        var locks = Enumerable.Range(0, blocks).Select(_ => new Lock()).ToArray();
        Parallel.For(0, blocks * (blocks + 1) / 2, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new float[Cosines.Side * Cosines.Side],
            (pair, _, block) =>
            {
                var (a, b) = PairOfBlocks(pair);
                cosines.Fill(block, a, b);
                lock (locks[a]) Offer(nearest, cosines, a, b, block, transposed: false);
                if (a != b)
                    lock (locks[b]) Offer(nearest, cosines, b, a, block, transposed: true);
                return block;
            },
            _ => { });
        return nearest.Result();
    }

    // Pairs a ≤ b, numbered 0 = (0, 0), 1 = (0, 1), 2 = (1, 1), 3 = (0, 2), …
    private static (int A, int B) PairOfBlocks(int pair)
    {
        var b = (int)((Math.Sqrt(8.0 * pair + 1) - 1) / 2);
        while ((b + 1) * (b + 2) / 2 <= pair) b++;
        while (b * (b + 1) / 2 > pair) b--;
        return (pair - b * (b + 1) / 2, b);
    }

    private static void Offer(NearestSoFar nearest, Cosines cosines, int rows, int columns, float[] block, bool transposed)
    {
        var (firstRow, firstColumn) = (rows * Cosines.Side, columns * Cosines.Side);
        for (var row = firstRow; row < Math.Min(firstRow + Cosines.Side, cosines.RowsOfA); row++)
            for (var column = firstColumn; column < Math.Min(firstColumn + Cosines.Side, cosines.RowsOfA); column++)
            {
                var (r, c) = (row - firstRow, column - firstColumn);
                if (row != column && cosines.HasDirection(row) && cosines.HasDirection(column))
                    nearest.Offer(row, column, block[transposed ? c * Cosines.Side + r : r * Cosines.Side + c]);
            }
    }
}
