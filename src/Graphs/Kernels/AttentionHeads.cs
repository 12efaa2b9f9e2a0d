using System.Numerics;
using System.Runtime.CompilerServices;
using LmmRec.Dense;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// What attention reads, checked: q [B, T, H, d], k and v [B, S, H, d], scale [], bias, which broadcasts to [B, H, T, S]. Kernels take one head of one example at
/// a time, and of it 32 queries, which meet all keys: their scores stay in the first cache, those of a query below each other, so that the softmax needs no
/// sums across a vector.
/// </summary>
internal readonly unsafe struct AttentionHeads
{
    public const int Queries = ProductTile.Columns, Lines = ProductTile.Rows;

    private readonly Operand<float> _q, _k, _v, _bias;
    private readonly long[] _biasStrides;
    private readonly float _scale;
    private readonly int _heads;

    public AttentionHeads(KernelContext context)
    {
        (_q, _k, _v, _bias) = (context.Input<float>(0), context.Input<float>(1), context.Input<float>(2), context.Input<float>(4));
        if (_q.Shape is not [var batch, var tokens, var heads, var width] || _k.Shape.Length != 4 || !_k.Shape.AsSpan().SequenceEqual(_v.Shape) || !_k.Shape.AsSpan().SequenceEqual([batch, _k.Shape[1], heads, width]))
            throw new GraphException($"queries [{string.Join(", ", _q.Shape)}] do not fit keys [{string.Join(", ", _k.Shape)}] and values [{string.Join(", ", _v.Shape)}]");
        (Count, Tokens, Keys, Width, _heads) = (checked((int)(batch * heads)), (int)tokens, (int)_k.Shape[1], (int)width, (int)heads);
        _biasStrides = BroadcastStrides(_bias.Shape, [batch, heads, tokens, Keys]);
        _scale = context.Input<float>(3).Data[0];
    }

    /// <summary>Heads of all examples.</summary>
    public int Count { get; }

    public int Tokens { get; }

    public int Keys { get; }

    public int Width { get; }

    public int KeyPanels => Panels.Count(Keys, Lines);

    public int WidthPanels => Panels.Count(Width, Lines);

    public long[] QueryShape => _q.Shape;

    public long[] KeyShape => _k.Shape;

    public float Scale => _scale;

    /// <summary>The distance of a head's rows in memory.</summary>
    public long RowStride => (long)_heads * Width;

    /// <summary>Where the rows of a head begin in a tensor of <paramref name="tokens"/> rows.</summary>
    public long Offset(int head, int tokens) => (long)(head / _heads) * tokens * RowStride + (long)(head % _heads) * Width;

    public float* Q(int head) => _q.Data + Offset(head, Tokens);

    public float* K(int head) => _k.Data + Offset(head, Keys);

    public float* V(int head) => _v.Data + Offset(head, Keys);

    /// <summary>Copies rows of a head as left operand of a product over its width: [panel][d][12].</summary>
    public void PackRows(float* rows, int count, float* target)
    {
        for (var panel = 0; panel < Panels.Count(count, Lines); panel++)
            Panels.Gather(rows + panel * Lines * RowStride, RowStride, Math.Min(Lines, count - panel * Lines), Width, Lines, target + panel * (long)Lines * Width);
    }

    /// <summary>Copies rows of a head, whose element i is a line, as operand of a product over them: [panel][rows][lines of a panel].</summary>
    public void PackColumns(float* rows, int count, int lines, float* target)
    {
        for (var row = 0; row < count; row++) Panels.Distribute(rows + row * RowStride, Width, lines, target + row * (long)lines, (long)lines * count);
    }

    /// <summary>scores[key, query] = e^(scale q k + bias − the query's largest) for up to 32 queries from <paramref name="first"/> on, and their sums over keys.</summary>
    /// <param name="head">the head</param>
    /// <param name="packedKeys">by <see cref="PackRows"/></param>
    /// <param name="first">query</param>
    /// <param name="q">room for scaled queries [d, 32]</param>
    /// <param name="scores">[S, 32], with room for whole panels of keys</param>
    /// <param name="totals">[32]</param>
    public void Weigh(int head, float* packedKeys, int first, float* q, float* scores, float* totals)
    {
        var count = Math.Min(Queries, Tokens - first);
        Panels.Gather(Q(head) + first * RowStride, RowStride, count, Width, Queries, q);
        VectorMath.Scale(q, Width * Queries, _scale);
        var hasBias = _bias.Length > 1; // the same number for all changes nothing
        if (hasBias)
        {
            var bias = _bias.Data + head / _heads * _biasStrides[0] + head % _heads * _biasStrides[1];
            Lay(bias + first * _biasStrides[2], _biasStrides[2], _biasStrides[3], Keys, count, scores);
        }
        Multiply(packedKeys, KeyPanels, q, Width, hasBias ? scores : null, scores);
        Exponentiate(scores, Keys, totals);
    }

    /// <summary>y [lines, 32] = panels of 12 lines × right [inner, 32] + add.</summary>
    public static void Multiply(float* panels, int count, float* right, int inner, float* add, float* y)
    {
        for (var panel = 0; panel < count; panel++)
        {
            var at = panel * Lines * Queries;
            ProductTile.Compute(panels + panel * (long)Lines * inner, right, inner, add is null ? null : add + at, Queries, y + at, Queries);
        }
    }

    /// <summary>lines[i, query] /= totals[query]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DivideByTotals(float* lines, int count, float* totals)
    {
        for (var query = 0; query < Queries; query += Vector<float>.Count)
        {
            var inverse = Vector<float>.One / Vector.Load(totals + query);
            for (float* at = lines + query, end = lines + count * Queries; at < end; at += Queries) (Vector.Load(at) * inverse).Store(at);
        }
    }

    /// <summary>scores[key, query] = bias[query, key]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lay(float* bias, long row, long column, int keys, int count, float* scores)
    {
        if (row == 0)
            for (var key = 0; key < keys; key++) new Span<float>(scores + key * Queries, Queries).Fill(bias[key * column]);
        else if (column == 1) Panels.Gather(bias, row, count, keys, Queries, scores);
        else
            for (var query = 0; query < Queries; query++)
                for (var key = 0; key < keys; key++) scores[key * Queries + query] = query < count ? bias[query * row] : 0;
    }

    /// <summary>scores[key, query] = e^(scores[key, query] − the query's largest), 0 where that is −∞, and the sums over keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentiate(float* scores, int keys, float* totals)
    {
        var end = scores + keys * Queries;
        for (var query = 0; query < Queries; query += Vector<float>.Count)
        {
            var largest = new Vector<float>(float.NegativeInfinity);
            for (var at = scores + query; at < end; at += Queries) largest = Vector.Max(largest, Vector.Load(at));
            var total = Vector<float>.Zero;
            for (var at = scores + query; at < end; at += Queries)
            {
                var x = Vector.Load(at) - largest;
                var power = Vector.ConditionalSelect(Vector.Equals(x, new Vector<float>(float.NegativeInfinity)), Vector<float>.Zero, VectorMath.Exp(x));
                total += power;
                power.Store(at);
            }
            total.Store(totals + query);
        }
    }

    private static long[] BroadcastStrides(long[] shape, long[] whole)
    {
        var (strides, stride) = (new long[whole.Length], 1L);
        if (shape.Length > whole.Length) throw Misfit();
        for (var (i, axis) = (shape.Length - 1, whole.Length - 1); i >= 0; i--, axis--)
        {
            if (shape[i] != whole[axis] && shape[i] != 1) throw Misfit();
            strides[axis] = shape[i] == 1 ? 0 : stride;
            stride *= shape[i];
        }
        return strides;

        GraphException Misfit() => new($"a bias [{string.Join(", ", shape)}] does not broadcast to scores [{string.Join(", ", whole)}]");
    }
}
