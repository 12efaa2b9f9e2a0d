namespace LmmRec.Dense;

/// <summary>
/// Cosines of the rows of one matrix with the rows of another, block by block: memory beyond the matrices is a number a row. A cosine has the same bits
/// alone, in a block, and seen from the other side. A row of zeros has no direction; its cosines are 0.
/// </summary>
/// <param name="a">[rows × width], row by row</param>
/// <param name="b">[rows × width], row by row</param>
/// <param name="width">length of a row</param>
public sealed class Cosines(float[] a, float[] b, int width)
{
    /// <summary>Rows of a block.</summary>
    public const int Side = 128;

    // Two blocks' chunks of columns lie in the second-level cache while all their pairs are multiplied.
    private const int ChunkColumns = 512;

    private readonly float[] _inverseA = InverseNorms(a, width), _inverseB = InverseNorms(b, width);

    /// <summary>Rows of a.</summary>
    public int RowsOfA => _inverseA.Length;

    /// <summary>Rows of b.</summary>
    public int RowsOfB => _inverseB.Length;

    /// <summary>Whether a row of a is not all zeros.</summary>
    public bool HasDirection(int rowOfA) => _inverseA[rowOfA] > 0;

    /// <summary>The cosine of two rows.</summary>
    public float Of(int rowOfA, int rowOfB)
    {
        Span<float> product = stackalloc float[DotTile.Side * DotTile.Side];
        product.Clear();
        Multiply(a.AsSpan(rowOfA * width, width), b.AsSpan(rowOfB * width, width), product, DotTile.Side);
        return product[0] * (_inverseA[rowOfA] * _inverseB[rowOfB]);
    }

    /// <summary>Fills <paramref name="cosines"/> [<see cref="Side"/> × <see cref="Side"/>]; what lies beyond the last rows is of no meaning.</summary>
    /// <param name="cosines">takes them</param>
    /// <param name="blockOfA">rows <c>blockOfA · Side</c> and those that follow</param>
    /// <param name="blockOfB">the same of b</param>
    public void Fill(float[] cosines, int blockOfA, int blockOfB)
    {
        Array.Clear(cosines);
        Multiply(Block(a, blockOfA), Block(b, blockOfB), cosines, Side);
        var (firstA, firstB) = (blockOfA * Side, blockOfB * Side);
        for (var row = firstA; row < Math.Min(firstA + Side, RowsOfA); row++)
            for (var column = firstB; column < Math.Min(firstB + Side, RowsOfB); column++)
                cosines[(row - firstA) * Side + column - firstB] *= _inverseA[row] * _inverseB[column];
    }

    /// <summary>Visits all pairs of rows; those of one row of a come from one thread, in the order of b.</summary>
    /// <param name="threads">threads to use</param>
    /// <param name="own">makes what a thread works with</param>
    /// <param name="visit">gets that, a row of a, a row of b and their cosine</param>
    /// <param name="done">gets what a thread worked with, at its end</param>
    /// <param name="cancellation">stops between blocks of a</param>
    public void Visit<TOwn>(int threads, Func<TOwn> own, Action<TOwn, int, int, float> visit, Action<TOwn> done, CancellationToken cancellation) =>
        Parallel.For(0, (RowsOfA + Side - 1) / Side, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => (Block: new float[Side * Side], Own: own()),
            (blockOfA, _, mine) =>
            {
                for (var blockOfB = 0; blockOfB * Side < RowsOfB; blockOfB++)
                {
                    Fill(mine.Block, blockOfA, blockOfB);
                    var (firstA, firstB) = (blockOfA * Side, blockOfB * Side);
                    for (var row = firstA; row < Math.Min(firstA + Side, RowsOfA); row++)
                        for (var other = firstB; other < Math.Min(firstB + Side, RowsOfB); other++)
                            visit(mine.Own, row, other, mine.Block[(row - firstA) * Side + other - firstB]);
                }
                return mine;
            },
            mine => done(mine.Own));

    private void Multiply(ReadOnlySpan<float> rowsOfA, ReadOnlySpan<float> rowsOfB, Span<float> products, int stride)
    {
        for (var column = 0; column < width; column += ChunkColumns)
            DotTile.AddProducts(rowsOfA, rowsOfB, width, column, Math.Min(column + ChunkColumns, width), products, stride);
    }

    private ReadOnlySpan<float> Block(float[] rows, int block) => rows.AsSpan(block * Side * width, Math.Min(Side * width, rows.Length - block * Side * width));

    private static float[] InverseNorms(float[] rows, int width)
    {
        var inverse = new float[rows.Length / width];
        for (var row = 0; row < inverse.Length; row++)
        {
            var squares = 0.0;
            foreach (var value in rows.AsSpan(row * width, width)) squares += (double)value * value;
            inverse[row] = squares == 0 ? 0 : (float)(1 / Math.Sqrt(squares));
        }
        return inverse;
    }
}
