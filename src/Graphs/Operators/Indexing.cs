namespace LmmRec.Graphs;

/// <summary>Operators that take elements out or put them in by position.</summary>
public static class Indexing
{
    internal static readonly Operator[] Table =
    [
        new("Gather", InferGather, GatherGradient),
        new("GatherElements", InferGatherElements,
            (n, dy) => [n[0].ZerosLike().ScatterElements(n[1], dy, n.Axis(0), add: true), null]),
        new("GatherND", InferGatherND),
        new("ScatterElements", InferScatterElements),
        new("Slice", InferSlice),
        new("Pad", InferPad),
        new("TopK", InferTopK, TopKGradient) { NeedsAllOutputs = true },
        new("Trilu", Inferred.Same, (n, dy) => [dy.Graph.Add("Trilu", n.Attributes, dy, n.Optional(1)), null]),
    ];

    /// <summary>Takes slices along <paramref name="axis"/>: <c>[n, d], [i] → [i, d]</c>. Indices are int64 or int32 and may repeat.</summary>
    public static Tensor Gather(this Tensor x, Tensor indices, int axis = 0) => x.Graph.Add("Gather", new Attributes(("axis", (long)axis)), x, indices);

    /// <summary>Takes one element per index along <paramref name="axis"/>; the result has the indices' shape.</summary>
    public static Tensor GatherElements(this Tensor x, Tensor indices, int axis) =>
        x.Graph.Add("GatherElements", new Attributes(("axis", (long)axis)), x, indices);

    /// <summary>Takes the slices that the last axis of <paramref name="indices"/> names: <c>[a, b, d], [n, 2] → [n, d]</c>.</summary>
    public static Tensor GatherND(this Tensor x, Tensor indices) => x.Graph.Add("GatherND", x, indices);

    /// <summary>Puts elements in along <paramref name="axis"/>, or adds them; ONNX Runtime does so one after the other, so repeated indices are right.</summary>
    public static Tensor ScatterElements(this Tensor x, Tensor indices, Tensor updates, int axis, bool add = false) =>
        x.Graph.Add("ScatterElements", new Attributes(("axis", (long)axis), ("reduction", add ? "add" : "none")), x, indices, updates);

    /// <summary>Elements <paramref name="start"/> … <paramref name="end"/> − 1 along an axis; negative numbers count from its end.</summary>
    public static Tensor Slice(this Tensor x, int axis, long start, long end = long.MaxValue, long step = 1) => x.Graph.Add("Slice",
        x, x.Graph.Integers(start), x.Graph.Integers(end), x.Graph.Integers(axis), x.Graph.Integers(step));

    /// <summary>Adds elements of one value: first what comes before each axis, then what comes after.</summary>
    public static Tensor Pad(this Tensor x, long[] pads, double value = 0) => x.Graph.Add("Pad", x, x.Graph.Integers(pads), x.Like(value));

    /// <summary>The k largest elements along <paramref name="axis"/> in falling order, and their indices.</summary>
    public static (Tensor Values, Tensor Indices) TopK(this Tensor x, long k, int axis = -1)
    {
        var outputs = x.Graph.Add("TopK", new Attributes(("axis", (long)axis)), 2, x, x.Graph.Integers(k));
        return (outputs[0], outputs[1]);
    }

    private static TensorType InferGather(Node n)
    {
        var (x, indices, axis) = (n[0], n[1], n.Axis(0));
        RequireIndices(n, indices);
        var contents = x.Inferred.Contents is { } elements && indices.Inferred.Contents is { } known && indices.Rank <= 1
            ? known.Select(i => elements[(int)(i.Value < 0 ? i.Value + elements.Count : i.Value)]).ToArray()
            : null;
        return new TensorType(x.Type, new Shape([.. x.Shape.Take(axis), .. indices.Shape, .. x.Shape.Skip(axis + 1)]), contents);
    }

    private static Tensor?[] GatherGradient(Node n, Tensor dy)
    {
        var (x, indices, axis) = (n[0], n[1], n.Axis(0));
        // The gathered axes come first, then all is a table of rows: [indices, rest].
        var others = Enumerable.Range(0, dy.Rank).Where(i => i < axis || i >= axis + indices.Rank);
        int[] order = [.. Enumerable.Range(axis, indices.Rank), .. others];
        var rest = new Shape([.. x.Shape.Take(axis), .. x.Shape.Skip(axis + 1)]);
        var rows = Ordered(dy, order).Reshape(dy.Graph.Integers(-1, rest.Size.Value));
        var flat = indices.Reshape(dy.Graph.Integers(-1));
        var sum = rows.RowScatter(flat.To(ElementType.Int64), x.CountOf([axis]).Unsqueeze(0)); // [size of the axis, rest]
        var moved = new Shape([x.Shape[axis], .. rest]);
        int[] back = [.. Enumerable.Range(0, x.Rank).Select(i => i == axis ? 0 : i < axis ? i + 1 : i)];
        return [Ordered(sum.Reshape(moved), back), null];
    }

    private static Tensor Ordered(Tensor x, int[] order) => order.SequenceEqual(Enumerable.Range(0, order.Length)) ? x : x.Transpose(order);

    private static TensorType InferGatherElements(Node n)
    {
        RequireIndices(n, n[1]);
        n.Axis(0);
        return n[0].Rank == n[1].Rank ? new TensorType(n[0].Type, n[1].Shape) : throw n.Wrong("data and indices need the same number of axes");
    }

    private static TensorType InferGatherND(Node n)
    {
        var (x, indices, batch) = (n[0], n[1], (int)n.Attributes.Int("batch_dims", 0));
        RequireIndices(n, indices);
        var depth = indices.Shape[^1].Value;
        if (batch + depth > x.Rank) throw n.Wrong($"indices of depth {depth} are too deep");
        return new TensorType(x.Type, new Shape([.. indices.Shape.SkipLast(1), .. x.Shape.Skip(batch + (int)depth)]));
    }

    private static TensorType InferScatterElements(Node n)
    {
        RequireIndices(n, n[1]);
        if (!n[1].Shape.Equals(n[2].Shape)) throw n.Wrong("indices and updates need one shape");
        return new TensorType(n[0].Type, n[0].Shape);
    }

    private static void RequireIndices(Node n, Tensor indices)
    {
        if (indices.Type is not (ElementType.Int64 or ElementType.Int32)) throw n.Wrong($"indices are Int64 or Int32, not {indices.Type}");
    }

    private static TensorType InferSlice(Node n)
    {
        var (x, starts, ends) = (n[0], n.Contents(1), n.Contents(2));
        var axes = n.Numbers(3) ?? [.. Enumerable.Range(0, starts.Count).Select(i => (long)i)];
        var steps = n.Numbers(4) ?? [.. axes.Select(_ => 1L)];
        var dims = x.Shape.ToArrayOfDims();
        var contents = x.Inferred.Contents;
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = n.FromFront(axes[i], x.Rank);
            var range = SliceRange.Of(dims[axis], starts[i], ends[i], steps[i]);
            dims[axis] = range.Count;
            contents = contents is not null && range is { Start.IsFixed: true, Count.IsFixed: true }
                ? [.. Enumerable.Range(0, (int)range.Count.Value).Select(k => contents[(int)(range.Start.Value + k * steps[0])])]
                : null;
        }
        return new TensorType(x.Type, new Shape(dims), contents);
    }

    private static TensorType InferPad(Node n)
    {
        var (x, pads) = (n[0], n.Contents(1));
        var axes = n.Numbers(3) ?? [.. Enumerable.Range(0, x.Rank).Select(i => (long)i)];
        var dims = x.Shape.ToArrayOfDims();
        if (pads.Count != 2 * axes.Length) throw n.Wrong($"{axes.Length} axes need {2 * axes.Length} pads, not {pads.Count}");
        for (var i = 0; i < axes.Length; i++) dims[n.FromFront(axes[i], x.Rank)] += pads[i] + pads[i + axes.Length];
        return new TensorType(x.Type, new Shape(dims));
    }

    private static TensorType[] InferTopK(Node n)
    {
        var (x, axis) = (n[0], n.Axis(-1));
        var k = n.Contents(1)[0];
        if (k.IsFixed && x.Shape[axis].IsFixed && k.Value > x.Shape[axis].Value) throw n.Wrong($"asks for {k} of {x.Shape[axis]} elements");
        var shape = x.Shape.With(axis, k);
        return [new(x.Type, shape), new(ElementType.Int64, shape)];
    }

    // The indices along an axis differ from each other, so that nothing has to be added.
    private static Tensor?[] TopKGradient(Node n, IReadOnlyList<Tensor?> outputs) =>
        [n[0].ZerosLike().ScatterElements(n.Outputs[1], outputs[0]!, n.Axis(-1)), null];
}
