namespace LmmRec.Graphs;

/// <summary>
/// A sparse pattern as a few dense tables, for operators that know no sparse matrices: rows are cut into pieces, pieces are padded to one of a
/// few widths, and all pieces of a width are one table. A fixed order of summation, and no row is written twice.
/// </summary>
internal sealed class RowBuckets
{
    public static readonly int[] Widths = [1, 4, 16, 128];

    private readonly List<int>[] _columns = Array.ConvertAll(Widths, _ => new List<int>()), _positions = Array.ConvertAll(Widths, _ => new List<int>());

    /// <param name="pattern">The matrix.</param>
    /// <param name="positions">Where the value of each non-zero is; the number after the last stands for the padding's zero.</param>
    public RowBuckets(SparsePattern pattern, int[] positions)
    {
        var pieces = new List<(int Bucket, int Place)>[pattern.Rows];
        for (var row = 0; row < pattern.Rows; row++)
        {
            pieces[row] = [];
            for (var start = pattern.RowPointers[row]; start < pattern.RowPointers[row + 1]; start += Widths[^1])
                pieces[row].Add(Add(pattern, positions, start, Math.Min(pattern.RowPointers[row + 1], start + Widths[^1])));
        }
        var firsts = new int[Widths.Length + 1];
        for (var b = 0; b < Widths.Length; b++) firsts[b + 1] = firsts[b] + Count(b);
        int Number((int Bucket, int Place) piece) => firsts[piece.Bucket] + piece.Place;

        // After all pieces there is one row of zeros, then the rows that had to be put together from several pieces.
        var zero = firsts[^1];
        var split = Enumerable.Range(0, pattern.Rows).Where(row => pieces[row].Count > 1).ToList();
        var widest = split.Count == 0 ? 1 : split.Max(row => pieces[row].Count);
        Combine = TensorData.Of([.. split.SelectMany(row => pieces[row].Select(Number).Concat(Enumerable.Repeat(zero, widest - pieces[row].Count)))], split.Count, widest);
        var combined = split.Select((row, i) => (row, i)).ToDictionary(r => r.row, r => zero + 1 + r.i);
        Order = TensorData.Of([.. pieces.Select((p, row) => p.Count switch { 0 => zero, 1 => Number(p[0]), _ => combined[row] })], pattern.Rows);
    }

    /// <summary>Which pieces make up each row that has several, padded with the row of zeros.</summary>
    public TensorData Combine { get; }

    /// <summary>Where each row of the result is among pieces, zeros and combined rows.</summary>
    public TensorData Order { get; }

    /// <summary>The columns of one width's pieces, [pieces, width].</summary>
    public TensorData Columns(int bucket) => TensorData.Of(_columns[bucket].ToArray(), Count(bucket), Widths[bucket]);

    /// <summary>Where the values of one width's pieces are, [pieces, width].</summary>
    public TensorData Positions(int bucket) => TensorData.Of(_positions[bucket].ToArray(), Count(bucket), Widths[bucket]);

    private int Count(int bucket) => _columns[bucket].Count / Widths[bucket];

    private (int Bucket, int Place) Add(SparsePattern pattern, int[] positions, int start, int end)
    {
        var bucket = Array.FindIndex(Widths, width => width >= end - start);
        var place = Count(bucket);
        for (var i = 0; i < Widths[bucket]; i++)
        {
            _columns[bucket].Add(start + i < end ? pattern.ColumnIndices[start + i] : 0);
            _positions[bucket].Add(start + i < end ? positions[start + i] : pattern.NonZeros);
        }
        return (bucket, place);
    }
}
