namespace LmmRec.Graphs;

/// <summary>Slices and padding, each the other's gradient.</summary>
public static class Slicing
{
    internal static readonly Operator[] Table =
    [
        new("Slice", InferSlice, SliceGradient),
        new("Pad", InferPad, PadGradient),
    ];

    /// <summary>Elements <paramref name="start"/> … <paramref name="end"/> − 1 along an axis; negative numbers count from its end.</summary>
    public static Tensor Slice(this Tensor x, int axis, long start, long end = long.MaxValue, long step = 1) => x.Graph.Add("Slice",
        x, x.Graph.Integers(start), x.Graph.Integers(end), x.Graph.Integers(axis), x.Graph.Integers(step));

    /// <summary>As many of the first elements along an axis as <paramref name="other"/> has along its axis <paramref name="otherAxis"/>.</summary>
    public static Tensor FirstOf(this Tensor x, int axis, Tensor other, int otherAxis)
    {
        var count = other.Shape[otherAxis];
        if (x.Shape[axis] == count) return x;
        return count.IsFixed
            ? x.Slice(axis, 0, count.Value)
            : x.Graph.Add("Slice", x, x.Graph.Integers(0), other.SizeVectorOf(otherAxis), x.Graph.Integers(axis), x.Graph.Integers(1));
    }

    /// <summary>Adds elements of one value: <paramref name="pads"/> says how many before each axis, then how many after each.</summary>
    public static Tensor Pad(this Tensor x, long[] pads, double value = 0) => x.Graph.Add("Pad", x, x.Graph.Integers(pads), x.Like(value));

    private static List<(int Axis, SliceRange Range, long Step)> Ranges(Node n)
    {
        var (x, starts, ends) = (n[0], n.Contents(1), n.Contents(2));
        var axes = n.Numbers(3) ?? [.. Enumerable.Range(0, starts.Count).Select(i => (long)i)];
        var steps = n.Numbers(4) ?? [.. axes.Select(_ => 1L)];
        return [.. axes.Select((a, i) => (n.FromFront(a, x.Rank), SliceRange.Of(x.Shape[n.FromFront(a, x.Rank)], starts[i], ends[i], steps[i]), steps[i]))];
    }

    private static TensorType InferSlice(Node n)
    {
        var dims = n[0].Shape.ToArrayOfDims();
        var contents = n[0].Inferred.Contents;
        foreach (var (axis, range, step) in Ranges(n))
        {
            contents = range is { Start.IsFixed: true, Count.IsFixed: true }
                ? Inferred.Along(contents, new Shape([.. dims]), axis, [.. Enumerable.Range(0, (int)range.Count.Value).Select(k => (int)(range.Start.Value + k * step))])
                : null;
            dims[axis] = range.Count;
        }
        return new TensorType(n[0].Type, new Shape(dims), contents);
    }

    private static Tensor?[] SliceGradient(Node n, Tensor dy)
    {
        var x = n[0];
        foreach (var (axis, range, step) in Ranges(n))
            dy = step == 1 ? PadBack(dy, x, axis, range) : ScatterBack(dy, x, axis, range, step);
        return [dy, null, null, null, null];
    }

    private static Tensor PadBack(Tensor dy, Tensor x, int axis, SliceRange range)
    {
        var g = x.Graph;
        var after = x.Shape[axis] - range.Start - range.Count;
        if (range.Start == 0 && after == 0) return dy;
        if (range.Start.IsFixed && after.IsFixed) return Padded(g.Integers(range.Start.Value, after.Value));
        var size = x.SizeVectorOf(axis);
        // A start with a name in it was counted from the end of the axis: it is the size plus a number.
        var before = range.Start.IsFixed ? g.Integers(range.Start.Value) : size + g.Integers((range.Start - x.Shape[axis]).Value);
        return Padded(g.Concat(before, size - before - dy.SizeVectorOf(axis)));

        Tensor Padded(Tensor pads) => g.Add("Pad", dy, pads, dy.Like(0), g.Integers(axis));
    }

    private static Tensor ScatterBack(Tensor dy, Tensor x, int axis, SliceRange range, long step)
    {
        long[] positions = [.. Enumerable.Range(0, (int)range.Count.Value).Select(i => range.Start.Value + i * step)];
        var dims = dy.Shape.With(axis, x.Shape[axis]);
        return Indexing.ScatterAlong(dy, axis, 1, x.Graph.Integers(positions), dims.Equals(x.Shape) ? x : throw new GraphException(
            $"Slice of '{x.Name}' {x.Shape} with step {step}: the gradient of a step needs a Slice of one axis"));
    }

    private static (int[] Axes, IReadOnlyList<Dim> Pads) Pads(Node n)
    {
        int[] axes = n.Numbers(3) is null ? [.. Enumerable.Range(0, n[0].Rank)] : [.. n.Numbers(3)!.Select(a => n.FromFront(a, n[0].Rank))];
        return n.Contents(1).Count == 2 * axes.Length ? (axes, n.Contents(1)) : throw n.Wrong($"{axes.Length} axes need {2 * axes.Length} pads, not {n.Contents(1).Count}");
    }

    private static TensorType InferPad(Node n)
    {
        var (axes, pads) = Pads(n);
        var dims = n[0].Shape.ToArrayOfDims();
        for (var i = 0; i < axes.Length; i++) dims[axes[i]] += pads[i] + pads[i + axes.Length];
        return new TensorType(n[0].Type, new Shape(dims));
    }

    private static Tensor?[] PadGradient(Node n, Tensor dy)
    {
        if (n.Attributes.String("mode", "constant") is not "constant" and var mode) throw n.Wrong($"has no gradient rule for mode '{mode}'");
        var (axes, pads) = Pads(n);
        for (var i = 0; i < axes.Length; i++)
        {
            var (before, after) = (pads[i].Value, pads[i + axes.Length].Value);
            if (before != 0 || after != 0) dy = dy.Slice(axes[i], before, after == 0 ? long.MaxValue : -after);
        }
        return [dy, null, null, null];
    }
}
