using System.Numerics.Tensors;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;
using Tensor = LmmRec.Graphs.Tensor;

namespace LmmRec.Encoders;

/// <summary>How a graph's output becomes vectors: pooled over tokens, cut to the first dimensions, brought to length 1, in that order.</summary>
internal sealed class VectorRule(OnnxTower tower, string file)
{
    /// <summary>Length of a vector of an output of these sizes (−1: free); null where they do not say it.</summary>
    /// <exception cref="InvalidInputException">The card asks for more.</exception>
    public int? WidthOf(IReadOnlyList<int> sizes)
    {
        var rank = tower.Pooling == Pooling.None ? 2 : 3;
        return sizes.Count >= rank && sizes[rank - 1] is > 0 and var full ? Kept(full) : null;
    }

    /// <summary>The vectors of the first <paramref name="items"/> rows: [items × F].</summary>
    /// <param name="output">what the graph gives for <paramref name="rows"/> rows</param>
    /// <param name="rows">rows of the run</param>
    /// <param name="items">rows that are wanted</param>
    /// <param name="tokens">of each item, how many are not padding; empty: all</param>
    /// <exception cref="InvalidInputException">The output has another shape than the card says.</exception>
    public float[] Apply(TensorData output, int rows, int items, ReadOnlySpan<int> tokens)
    {
        var shape = output.Shape.AsSpan();
        while (shape.Length > 2 && shape[^1] == 1) shape = shape[..^1];
        if (shape.Length != (tower.Pooling == Pooling.None ? 2 : 3) || shape[0] != rows) throw Wrong(output.Shape, rows);
        if (!output.Type.IsFloat())
            throw new InvalidInputException($"output '{tower.Output}' of {file} gives {output.Type}; a vector is of floating-point numbers: name another output in the card, or export the file with one");
        var (full, values) = ((int)shape[^1], output.ToFloats());
        var width = Kept(full);
        var vectors = new float[items * width];
        for (var item = 0; item < items; item++)
        {
            var size = values.Length / rows;
            var row = values.AsSpan(item * size, size);
            var vector = vectors.AsSpan(item * width, width);
            Pool(row, full, tokens.IsEmpty ? size / full : tokens[item], vector);
            if (tower.UnitLength) Normalise(vector);
        }
        return vectors;
    }

    /// <summary>The same as a part of a graph: [B, F].</summary>
    /// <param name="output">the graph's output for B rows</param>
    /// <param name="mask">1 for tokens and 0 for padding [B, T], int64; null: no row has padding</param>
    /// <exception cref="InvalidInputException">The output has another shape than the card says.</exception>
    public Tensor Apply(Tensor output, Tensor? mask)
    {
        while (output.Rank > 2 && output.Shape[^1] is { IsFixed: true, Value: 1 }) output = output.Squeeze(output.Rank - 1);
        if (output.Rank != (tower.Pooling == Pooling.None ? 2 : 3) || output.Shape[^1] is not { IsFixed: true } full || !output.Type.IsFloat())
            throw new InvalidInputException($"output '{tower.Output}' of {file} is {output.Type} {output.Shape}; allowed is one vector of a known length per item, or per token with a pooling");
        var vectors = Pooled(output, mask);
        if (Kept((int)full.Value) is var width && width < full.Value) vectors = vectors.Slice(1, 0, width);
        return tower.UnitLength ? vectors.Normalize() : vectors;
    }

    // [B, T, F] → [B, F]
    private Tensor Pooled(Tensor output, Tensor? mask)
    {
        switch (tower.Pooling)
        {
            case Pooling.None: return output;
            case Pooling.Cls: return output.Slice(1, 0, 1).Squeeze(1);
            case Pooling.Mean when mask is null: return output.ReduceMean([1]);
            case Pooling.Mean:
                var real = mask.Cast(output.Type).Unsqueeze(2);                                                    // [B, T, 1]
                return (output * real).ReduceSum([1]) / real.ReduceSum([1]).Max(1);
            default:
                var last = (mask!.ReduceSum([1], keepDims: true).Max(1) - 1).Unsqueeze(2);                          // [B, 1, 1]
                return output.GatherElements(last.Expand(output.Slice(1, 0, 1).ShapeTensor()), 1).Squeeze(1);
        }
    }

    private int Kept(int full) => tower.Dimensions is not { } wanted ? full
        : wanted <= full ? wanted
        : throw new InvalidInputException($"output '{tower.Output}' of {file} gives vectors of {full} numbers; the card asks for the first {wanted} (dimensions)");

    // row: [tokens × full]; only the vector's numbers are worked out.
    private void Pool(ReadOnlySpan<float> row, int full, int tokens, Span<float> vector)
    {
        if (tower.Pooling != Pooling.Mean)
        {
            var token = tower.Pooling == Pooling.Last ? Math.Max(tokens, 1) - 1 : 0;
            row.Slice(token * full, vector.Length).CopyTo(vector);
            return;
        }
        for (var token = 0; token < tokens; token++) TensorPrimitives.Add(vector, row.Slice(token * full, vector.Length), vector);
        TensorPrimitives.Divide(vector, Math.Max(tokens, 1), vector);
    }

    private static void Normalise(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var v in vector) squares += (double)v * v;
        if (squares > 0) TensorPrimitives.Multiply(vector, (float)(1 / Math.Sqrt(squares)), vector);
    }

    private InvalidInputException Wrong(long[] shape, int rows) => new(
        $"output '{tower.Output}' of {file} gives [{string.Join(", ", shape)}] for {rows} items; " + (tower.Pooling != Pooling.None
            ? $"pooling takes vectors of tokens, [{rows}, tokens, F]: take the tower's pooling out of the card, or name another output"
            : shape.Length == 3 ? $"allowed is one vector per item, [{rows}, F]: say in the card how tokens' vectors become one (pooling: cls, mean or last), or name another output"
            : $"allowed is one vector per item, [{rows}, F]: name another output, or export the file with a pooled one"));
}
