using LmmRec.Dense;
using LmmRec.Train.Data.Internals;

namespace LmmRec.Train.Data;

/// <summary>
/// The nearest items of each item by the cosine of their features, itself among them (docs/recommenders.md#item-graph). The relation is directed.
/// A row of zeros has no direction: its only neighbour is itself, and it is nobody's.
/// </summary>
/// <param name="K">k, neighbours of each item</param>
/// <param name="Items">[I × k] itself, then nearest first, ties by index; where an item has fewer, it is listed again</param>
/// <param name="Similarities">[I × k] cosines; 0 where the item is listed again</param>
public sealed record Neighbours(int K, int[] Items, float[] Similarities)
{
    // Rows of a block and of a chunk of its columns: two blocks' chunks lie in the second-level cache while all their pairs are multiplied.
    private const int BlockRows = 128;
    private const int ChunkColumns = 512;

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
        var inverseNorms = new float[items];
        for (var item = 0; item < items; item++) inverseNorms[item] = InverseNorm(features.AsSpan(item * width, width));

        var nearest = new NearestSoFar(items, k);
        var blocks = (items + BlockRows - 1) / BlockRows;
        var locks = Enumerable.Range(0, blocks).Select(_ => new Lock()).ToArray();
        Parallel.For(0, blocks * (blocks + 1) / 2, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new float[BlockRows * BlockRows],
            (pair, _, products) =>
            {
                var (a, b) = PairOfBlocks(pair);
                Multiply(features, width, a, b, products);
                lock (locks[a]) Offer(nearest, inverseNorms, a, b, products, transposed: false);
                if (a != b)
                    lock (locks[b]) Offer(nearest, inverseNorms, b, a, products, transposed: true);
                return products;
            },
            _ => { });
        return nearest.Result();
    }

    /// <summary>The directed graph whose weights are the similarities, or 1 where <paramref name="binary"/>; [I × I].</summary>
    public CsrMatrix Graph(bool binary)
    {
        var items = Items.Length / K;
        var starts = new int[items + 1];
        List<int> indices = [];
        List<float> values = [];
        for (var item = 0; item < items; item++)
        {
            foreach (var e in Enumerable.Range(item * K, K).Where(e => Items[e] != item || e == item * K).OrderBy(e => Items[e]))
            {
                indices.Add(Items[e]);
                values.Add(binary ? 1 : Similarities[e]);
            }
            starts[item + 1] = indices.Count;
        }
        return new CsrMatrix(items, items, starts, [.. indices], [.. values]);
    }

    private static float InverseNorm(ReadOnlySpan<float> row)
    {
        var squares = 0.0;
        foreach (var value in row) squares += (double)value * value;
        return squares == 0 ? 0 : (float)(1 / Math.Sqrt(squares));
    }

    // Pairs a ≤ b, numbered 0 = (0, 0), 1 = (0, 1), 2 = (1, 1), 3 = (0, 2), …
    private static (int A, int B) PairOfBlocks(int pair)
    {
        var b = (int)((Math.Sqrt(8.0 * pair + 1) - 1) / 2);
        while ((b + 1) * (b + 2) / 2 <= pair) b++;
        while (b * (b + 1) / 2 > pair) b--;
        return (pair - b * (b + 1) / 2, b);
    }

    private static void Multiply(float[] features, int width, int a, int b, float[] products)
    {
        Array.Clear(products);
        for (var column = 0; column < width; column += ChunkColumns)
            DotTile.AddProducts(Block(a), Block(b), width, column, Math.Min(column + ChunkColumns, width), products, BlockRows);

        ReadOnlySpan<float> Block(int block)
        {
            var start = block * BlockRows * width;
            return features.AsSpan(start, Math.Min(BlockRows * width, features.Length - start));
        }
    }

    private static void Offer(NearestSoFar nearest, float[] inverseNorms, int rows, int columns, float[] products, bool transposed)
    {
        var (rowEnd, columnEnd) = (Math.Min((rows + 1) * BlockRows, inverseNorms.Length), Math.Min((columns + 1) * BlockRows, inverseNorms.Length));
        for (var row = rows * BlockRows; row < rowEnd; row++)
            for (var column = columns * BlockRows; column < columnEnd; column++)
            {
                var (r, c) = (row - rows * BlockRows, column - columns * BlockRows);
                // The same factor for both directions, so that a cosine does not depend on the side that it is seen from.
                var inverse = inverseNorms[row] * inverseNorms[column];
                if (row != column && inverse > 0) nearest.Offer(row, column, products[transposed ? c * BlockRows + r : r * BlockRows + c] * inverse);
            }
    }
}
