namespace LmmRec.Graphs;

/// <summary>Operators that take elements out or put them in by position.</summary>
public static class Indexing
{
    internal static readonly Operator[] Table =
    [
        new("Gather", InferGather, GatherGradient),
        new("GatherElements", InferGatherElements,
            (n, dy) => [n[0].ZerosLike().ScatterElements(n[1], dy, n.Axis(0), add: true), null]),
        new("GatherND", InferGatherND, GatherNDGradient),
        new("ScatterElements", InferScatterElements, ScatterElementsGradient),
        new("TopK", InferTopK, TopKGradient),
        new("CumSum", Inferred.Same, (n, dy) => [dy.Graph.Add("CumSum", n.Attributes.With("reverse", 1 - n.Attributes.Int("reverse", 0)), dy, n[1]), null]),
        new("Trilu", Inferred.Same, (n, dy) => [dy.Graph.Add("Trilu", n.Attributes, dy, n.Optional(1)), null]),
    ];

    /// <summary>Takes slices along <paramref name="axis"/>: <c>[n, d], [i] → [i, d]</c>. Indices are int64 or int32 and may repeat.</summary>
    public static Tensor Gather(this Tensor x, Tensor indices, int axis = 0) => x.Graph.Add("Gather", new Attributes(("axis", (long)axis)), x, indices);

    /// <summary>Takes one element per index along <paramref name="axis"/>; the result has the indices' shape.</summary>
    public static Tensor GatherElements(this Tensor x, Tensor indices, int axis) =>
        x.Graph.Add("GatherElements", new Attributes(("axis", (long)axis)), x, indices);

    /// <summary>
    /// Takes the slices that the last axis of <paramref name="indices"/> names: <c>[a, b, d], [n, 2] → [n, d]</c>. The first
    /// <paramref name="batchDims"/> axes go together: <c>[a, b, d], [a, 1] → [a, d]</c> with one of them.
    /// </summary>
    public static Tensor GatherND(this Tensor x, Tensor indices, int batchDims = 0) => x.Graph.Add("GatherND", new Attributes(("batch_dims", (long)batchDims)), x, indices);

    /// <summary>Puts elements in along <paramref name="axis"/>, or adds them; ONNX Runtime does so one after the other, so repeated indices are right.</summary>
    public static Tensor ScatterElements(this Tensor x, Tensor indices, Tensor updates, int axis, bool add = false) =>
        x.Graph.Add("ScatterElements", new Attributes(("axis", (long)axis), ("reduction", add ? "add" : "none")), x, indices, updates);

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
        var contents = indices.Inferred.Contents is { } known && x.Shape.IsFixed
            ? Inferred.Along(x.Inferred.Contents, x.Shape, axis, [.. known.Select(i => (int)(i.Value < 0 ? i.Value + x.Shape[axis].Value : i.Value))])
            : null;
        return new TensorType(x.Type, new Shape([.. x.Shape.Take(axis), .. indices.Shape, .. x.Shape.Skip(axis + 1)]), contents);
    }

    private static Tensor?[] GatherGradient(Node n, Tensor dy) =>
        [ScatterAlong(dy, n.Axis(0), n[1].Rank, n[1].Reshape(dy.Graph.Integers(-1)).To(ElementType.Int64), n[0]), null];

    /// <summary>
    /// Sums slices of <paramref name="values"/> into zeros of the shape of <paramref name="like"/>: those along the <paramref name="indexRank"/> axes from
    /// <paramref name="axis"/> on go to the positions along that axis that <paramref name="indices"/> (flat, int64) name.
    /// </summary>
    internal static Tensor ScatterAlong(Tensor values, int axis, int indexRank, Tensor indices, Tensor like)
    {
        // The scattered axes come first, then all is a table of rows: [indices, rest].
        int[] order = [.. Enumerable.Range(axis, indexRank), .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + indexRank, values.Rank - axis - indexRank)];
        var sum = Ordered(values, order).Flatten(indexRank).RowScatter(indices, like.SizeVectorOf(axis)); // [size of the axis, rest]
        int[] moved = [axis, .. Enumerable.Range(0, like.Rank).Where(i => i != axis)];
        int[] back = [.. Enumerable.Range(0, like.Rank).Select(i => Array.IndexOf(moved, i))];
        return Ordered(sum.ReshapeTo(new Shape([.. moved.Select(i => like.Shape[i])]), like, moved), back);
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

    // Each slice gets the number it has when batch and indexed axes are one axis of rows.
    private static Tensor?[] GatherNDGradient(Node n, Tensor dy)
    {
        var (x, indices, batch) = (n[0], n[1].To(ElementType.Int64), (int)n.Attributes.Int("batch_dims", 0));
        var depth = (int)indices.Shape[^1].Value;
        var row = x.Graph.Scalar(0, ElementType.Int64);
        for (var i = 0; i < depth; i++)
        {
            var (size, index) = (x.CountOf([batch + i]), indices.Gather(x.Graph.Scalar(i, ElementType.Int64), indices.Rank - 1));
            row = row * size + (index + size).Where(index.Less(index.Like(0)), index); // [batch, i]
        }
        if (batch > 0)
        {
            var (first, perBatch) = (x.CountOf([.. Enumerable.Range(0, batch)]).Range(), x.CountOf([.. Enumerable.Range(batch, depth)]));
            row = row.Flatten(batch) + (first * perBatch).Unsqueeze(1);
        }
        var rows = x.CountOf([.. Enumerable.Range(0, batch + depth)]).Unsqueeze(0);
        return [dy.Flatten(indices.Rank - 1).RowScatter(row.Reshape(x.Graph.Integers(-1)), rows).ReshapeLike(x), null];
    }

    private static Tensor?[] ScatterElementsGradient(Node n, Tensor dy)
    {
        var (indices, axis) = (n[1], n.Axis(0));
        return n.Attributes.String("reduction", "none") switch
        {
            "none" => [dy.ScatterElements(indices, n[2].ZerosLike(), axis), null, dy.GatherElements(indices, axis)],
            "add" => [dy, null, dy.GatherElements(indices, axis)],
            var other => throw n.Wrong($"has no gradient rule for reduction '{other}'"),
        };
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
