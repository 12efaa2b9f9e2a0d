namespace LmmRec.Graphs;

/// <summary>Operators that move elements without changing them, and those that speak of shapes.</summary>
public static class ShapeOperators
{
    internal static readonly Operator[] Table =
    [
        new("Reshape", InferReshape, (n, dy) => [dy.ReshapeLike(n[0]), null]),
        new("Flatten", InferFlatten, (n, dy) => [dy.ReshapeLike(n[0])]),
        new("Squeeze", InferSqueeze, (n, dy) => [dy.ReshapeLike(n[0]), null]),
        new("Unsqueeze", InferUnsqueeze, (n, dy) => [dy.ReshapeLike(n[0]), null]),
        new("Transpose", InferTranspose, (n, dy) => [dy.Transpose(Inverse(Permutation(n)))]),
        new("Expand", InferExpand, (n, dy) => [dy.SumTo(n[0]), null]),
        new("Tile", n => new TensorType(n[0].Type, new Shape([.. n[0].Shape.Zip(n.Contents(1), (d, times) => d * times)])), TileGradient),
        new("Concat", InferConcat, SplitLikeInputs),
        new("Split", InferSplit, ConcatOutputs),
        new("Shape", InferShape) { EndsGradient = true },
        new("Size", n => new TensorType(ElementType.Int64, [], [n[0].Shape.Size])) { EndsGradient = true },
        new("ConstantOfShape", InferConstantOfShape) { EndsGradient = true },
        new("Range", InferRange) { EndsGradient = true },
    ];

    /// <summary>The same elements under another shape. One named dimension may stand for what is left.</summary>
    public static Tensor Reshape(this Tensor x, Shape shape)
    {
        if (shape.Count(d => !d.IsFixed) > 1)
            throw new GraphException($"Reshape of '{x.Name}' {x.Shape} to {shape}: at most one dimension may have a name; give a shape tensor for more");
        return x.Reshape(x.Graph.Integers([.. shape.Select(d => d.IsFixed ? d.Value : -1)]));
    }

    /// <summary>The same elements under the shape that an int64 vector holds.</summary>
    public static Tensor Reshape(this Tensor x, Tensor shape) => x.Graph.Add("Reshape", x, shape);

    /// <summary>Reorders the axes; without <paramref name="permutation"/> it turns their order round.</summary>
    public static Tensor Transpose(this Tensor x, params int[] permutation) => x.Graph.Add("Transpose",
        new Attributes(("perm", permutation.Length == 0 ? null : Array.ConvertAll(permutation, p => (long)p))), x);

    /// <summary>Takes axes of size 1 away.</summary>
    public static Tensor Squeeze(this Tensor x, params int[] axes) => x.Graph.Add("Squeeze", x, x.Graph.Integers(Array.ConvertAll(axes, a => (long)a)));

    /// <summary>Puts axes of size 1 in; <paramref name="axes"/> count in the result.</summary>
    public static Tensor Unsqueeze(this Tensor x, params int[] axes) => x.Graph.Add("Unsqueeze", x, x.Graph.Integers(Array.ConvertAll(axes, a => (long)a)));

    /// <summary>Repeats axes of size 1 up to the shape that an int64 vector holds.</summary>
    public static Tensor Expand(this Tensor x, Tensor shape) =>
        shape.Inferred.Contents is { } known && x.Shape.Equals(new Shape([.. known])) ? x : x.Graph.Add("Expand", x, shape);

    /// <summary>Puts copies side by side, as many along each axis as <paramref name="repeats"/> says.</summary>
    public static Tensor Tile(this Tensor x, params long[] repeats) => x.Graph.Add("Tile", x, x.Graph.Integers(repeats));

    /// <summary>Joins tensors that differ only in <paramref name="axis"/>.</summary>
    public static Tensor Concat(this Graph graph, int axis, params Tensor[] parts) => graph.Add("Concat", new Attributes(("axis", (long)axis)), parts);

    /// <summary>Joins tables by rows: <c>[a, d], [b, d] → [a + b, d]</c>.</summary>
    public static Tensor Concat(this Graph graph, params Tensor[] parts) => graph.Concat(0, parts);

    /// <summary>Cuts along <paramref name="axis"/> into pieces of the given sizes.</summary>
    public static IReadOnlyList<Tensor> Split(this Tensor x, int axis, params long[] sizes) => x.Split(axis, x.Graph.Integers(sizes), sizes.Length);

    /// <summary>The shape as an int64 vector; a constant where it is known.</summary>
    public static Tensor ShapeTensor(this Tensor x) => x.Shape.IsFixed ? x.Graph.Integers(x.Shape.ToArray()) : x.Graph.Add("Shape", x);

    /// <summary>The size of one axis as a scalar of x's element type, to divide by; a constant where it is known.</summary>
    public static Tensor SizeOf(this Tensor x, int axis) => x.DivisorOf([axis < 0 ? axis + x.Rank : axis]);

    /// <summary>Zeros of the same type and shape.</summary>
    public static Tensor ZerosLike(this Tensor x) => x.Like(0).Expand(x.ShapeTensor());

    /// <summary>0, 1, … <paramref name="count"/> − 1; the count is an int64 scalar.</summary>
    internal static Tensor Range(this Tensor count) => count.Graph.Add("Range", count.Like(0), count, count.Like(1));

    internal static IReadOnlyList<Tensor> Split(this Tensor x, int axis, Tensor sizes, int count) =>
        count == 1 ? [x] : x.Graph.Add("Split", new Attributes(("axis", (long)axis)), count, x, sizes);

    internal static Tensor ReshapeLike(this Tensor x, Tensor other) => x.ReshapeTo(other.Shape, other, [.. Enumerable.Range(0, other.Rank)]);

    /// <summary>Reshapes to <paramref name="shape"/>; a dimension with a name has at run time the size of the axis of <paramref name="source"/> that <paramref name="axes"/> gives for it.</summary>
    internal static Tensor ReshapeTo(this Tensor x, Shape shape, Tensor source, int[] axes)
    {
        if (x.Shape.Equals(shape)) return x;
        if (shape.Count(d => !d.IsFixed) <= 1) return x.Reshape(shape);
        if (shape.Equals(source.Shape)) return x.Reshape(source.ShapeTensor());
        return x.Reshape(x.Graph.Concat([.. shape.Select((d, i) => d.IsFixed ? x.Graph.Integers(d.Value) : source.SizeVectorOf(axes[i]))]));
    }

    /// <summary>A matrix whose rows run over the first <paramref name="leading"/> axes.</summary>
    internal static Tensor Flatten(this Tensor x, int leading) => x.Rank == 2 && leading == 1 ? x : x.Graph.Add("Flatten", new Attributes(("axis", (long)leading)), x);

    /// <summary>The size of one axis as an int64 vector; a constant where it is known.</summary>
    internal static Tensor SizeVectorOf(this Tensor x, int axis) => x.Shape[axis].IsFixed
        ? x.Graph.Integers(x.Shape[axis].Value)
        : x.Graph.Add("Shape", new Attributes(("start", (long)axis), ("end", axis + 1L)), x);

    /// <summary>
    /// How many elements the axes hold together, as a scalar of x's element type, to divide by; a constant where it is known. It is a sum of ones, exact
    /// up to 2²⁴ in each axis with a name: a number made of a shape is made on the host, and a device would have it copied in the midst of its work.
    /// </summary>
    internal static Tensor DivisorOf(this Tensor x, int[] axes)
    {
        var known = axes.Where(a => x.Shape[a].IsFixed).Aggregate(1.0, (product, a) => product * x.Shape[a].Value);
        return axes.Where(a => !x.Shape[a].IsFixed).Select(a => x.Graph.Scalar(1).Expand(x.SizeVectorOf(a)).ReduceSum().To(x.Type)).Aggregate(
            known == 1 ? null : x.Like(known), (Tensor? product, Tensor count) => product is null ? count : product * count) ?? x.Like(1);
    }

    /// <summary>How many elements the axes hold together, as an int64 scalar; a constant where it is known.</summary>
    internal static Tensor CountOf(this Tensor x, int[] axes)
    {
        var count = axes.Aggregate((Dim)1, (product, a) => product * x.Shape[a]);
        if (count.IsFixed) return x.Graph.Scalar(count.Value, ElementType.Int64);
        var dims = x.ShapeTensor().Gather(x.Graph.Integers(Array.ConvertAll(axes, a => (long)a)));
        return x.Graph.Add("ReduceProd", new Attributes(("keepdims", 0L)), dims);
    }

    private static TensorType InferReshape(Node n)
    {
        var (x, wanted) = (n[0], n.Contents(1));
        var dims = new Dim[wanted.Count];
        for (var i = 0; i < dims.Length; i++)
            dims[i] = wanted[i] != 0 || n.Attributes.Int("allowzero", 0) == 1 ? wanted[i] : i < x.Rank ? x.Shape[i] : throw n.Wrong("copies an axis that is not there");
        var open = Array.IndexOf(dims, (Dim)(-1));
        if (open >= 0)
        {
            dims[open] = 1;
            dims[open] = x.Shape.Size.DividedBy(new Shape(dims).Size) ?? throw n.Wrong($"{x.Shape} cannot become {Text(dims, open)}");
        }
        var shape = new Shape(dims);
        if (shape.Size != x.Shape.Size) throw n.Wrong($"{x.Shape} cannot become {shape}: {x.Shape.Size} elements against {shape.Size}");
        return x.Inferred with { Shape = shape };
    }

    private static string Text(Dim[] dims, int open) => new Shape(dims).With(open, "?").ToString();

    private static TensorType InferFlatten(Node n)
    {
        var axis = (int)n.Attributes.Int("axis", 1);
        if (axis < 0) axis += n[0].Rank;
        return new TensorType(n[0].Type, [new Shape([.. n[0].Shape.Take(axis)]).Size, new Shape([.. n[0].Shape.Skip(axis)]).Size]);
    }

    private static TensorType InferSqueeze(Node n)
    {
        var x = n[0];
        int[] axes = n.Optional(1) is null ? [.. Enumerable.Range(0, x.Rank).Where(i => x.Shape[i] == 1)] : n.Axes(1, x.Rank);
        foreach (var axis in axes)
            if (x.Shape[axis] != 1) throw n.Wrong($"axis {axis} has size {x.Shape[axis]}, not 1");
        return x.Inferred with { Shape = new Shape([.. x.Shape.Where((_, i) => !axes.Contains(i))]) };
    }

    private static TensorType InferUnsqueeze(Node n)
    {
        var x = n[0];
        var dims = x.Shape.ToList();
        foreach (var axis in n.Axes(1, x.Rank + n.Contents(1).Count)) dims.Insert(axis, 1);
        return x.Inferred with { Shape = new Shape([.. dims]) };
    }

    private static int[] Permutation(Node n) =>
        n.Attributes.Ints("perm") is { } given ? Array.ConvertAll(given, p => (int)p) : [.. Enumerable.Range(0, n[0].Rank).Reverse()];

    private static int[] Inverse(int[] permutation) => [.. Enumerable.Range(0, permutation.Length).Select(i => Array.IndexOf(permutation, i))];

    private static TensorType InferTranspose(Node n)
    {
        var permutation = Permutation(n);
        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, n[0].Rank))) throw n.Wrong($"[{string.Join(", ", permutation)}] is no order of its axes");
        var shape = new Shape([.. permutation.Select(p => n[0].Shape[p])]);
        return new TensorType(n[0].Type, shape, n[0].Inferred.Contents is { } known && n[0].Rank == 2 && permutation[0] == 1 ? Turned(known, n[0].Shape) : null);
    }

    private static Dim[] Turned(IReadOnlyList<Dim> elements, Shape matrix) =>
        [.. from column in Enumerable.Range(0, (int)matrix[1].Value) from row in Enumerable.Range(0, (int)matrix[0].Value) select elements[row * (int)matrix[1].Value + column]];

    private static TensorType InferExpand(Node n)
    {
        var wanted = new Shape([.. n.Contents(1)]);
        return new TensorType(n[0].Type, Shape.Broadcast(n[0].Shape, wanted) ?? throw n.Wrong($"{n[0].Shape} cannot be repeated to {wanted}"));
    }

    // Each axis becomes two, which copy and which element of it, and the copies are summed.
    private static Tensor?[] TileGradient(Node n, Tensor dy)
    {
        var x = n[0];
        var shape = new Shape([.. n.Contents(1).Zip(x.Shape, (times, d) => new[] { times, d }).SelectMany(pair => pair)]);
        return [dy.ReshapeTo(shape, x, [.. shape.Select((_, i) => i / 2)]).ReduceSum([.. Enumerable.Range(0, x.Rank).Select(i => 2 * i)]), null];
    }

    private static TensorType InferConcat(Node n)
    {
        var first = n[0];
        var axis = n.Axis(0);
        var total = (Dim)0;
        for (var i = 0; i < n.Inputs.Count; i++)
        {
            if (n[i].Type != first.Type) throw n.Wrong($"the element types {first.Type} and {n[i].Type} differ");
            if (n[i].Rank != first.Rank || !n[i].Shape.With(axis, 1).Equals(first.Shape.With(axis, 1))) throw n.Wrong($"the shapes differ in more than axis {axis}");
            total += n[i].Shape[axis];
        }
        var known = axis == 0 && n.Inputs.All(i => i!.Inferred.Contents is not null);
        return new TensorType(first.Type, first.Shape.With(axis, total), known ? [.. n.Inputs.SelectMany(i => i!.Inferred.Contents!)] : null);
    }

    private static Tensor?[] SplitLikeInputs(Node n, Tensor dy)
    {
        var axis = n.Axis(0);
        var sizes = n.Inputs.Select(x => x!.Shape[axis]).ToList();
        var split = sizes.All(s => s.IsFixed)
            ? n[0].Graph.Integers([.. sizes.Select(s => s.Value)])
            : n[0].Graph.Concat([.. n.Inputs.Select(x => x!.SizeVectorOf(axis))]);
        return [.. dy.Split(axis, split, sizes.Count)];
    }

    private static TensorType[] InferSplit(Node n)
    {
        var axis = n.Axis(0);
        var total = n[0].Shape[axis];
        IReadOnlyList<Dim> sizes = n.Optional(1) is not null ? n.Contents(1) : EvenParts(n, total);
        if (sizes.Count != n.OutputCount) throw n.Wrong($"{sizes.Count} sizes for {n.OutputCount} outputs");
        var sum = sizes.Aggregate((Dim)0, (s, d) => s + d);
        if (sum != total) throw n.Wrong($"pieces of {string.Join(" + ", sizes)} do not make up axis {axis} of size {total}");
        return [.. sizes.Select(size => new TensorType(n[0].Type, n[0].Shape.With(axis, size)))];
    }

    private static Dim[] EvenParts(Node n, Dim total)
    {
        if (!total.IsFixed) return [.. Enumerable.Repeat(total.DividedBy(n.OutputCount) ?? throw n.Wrong($"{total} does not divide by {n.OutputCount}"), n.OutputCount)];
        var part = (total.Value + n.OutputCount - 1) / n.OutputCount;
        return [.. Enumerable.Range(0, n.OutputCount).Select(i => (Dim)Math.Min(part, total.Value - i * part))];
    }

    private static Tensor?[] ConcatOutputs(Node n, IReadOnlyList<Tensor?> dy) =>
        [n[0].Graph.Concat(n.Axis(0), [.. n.Outputs.Select((y, i) => dy[i] ?? y.ZerosLike())]), null];

    private static TensorType InferShape(Node n)
    {
        int start = Limit(n.Attributes.Int("start", 0)), end = Limit(n.Attributes.Int("end", n[0].Rank));
        Dim[] dims = [.. n[0].Shape.Skip(start).Take(Math.Max(0, end - start))];
        return new TensorType(ElementType.Int64, [dims.Length], dims);

        int Limit(long axis) => (int)Math.Clamp(axis < 0 ? axis + n[0].Rank : axis, 0, n[0].Rank);
    }

    private static TensorType InferConstantOfShape(Node n)
    {
        var (shape, value) = (new Shape([.. n.Contents(0)]), n.Attributes.Value("value"));
        var known = value?.Values is long[] v && shape is [{ IsFixed: true } count] ? Enumerable.Repeat((Dim)v[0], (int)count.Value).ToArray() : null;
        return new TensorType(value?.Type ?? ElementType.Float32, shape, known);
    }

    private static TensorType InferRange(Node n)
    {
        if (n[0].Inferred.Contents is not [var start] || n[1].Inferred.Contents is not [var end] || n[2].Inferred.Contents is not [var step])
            throw n.Wrong("needs integer bounds that are known while the graph is written");
        var count = step == 1 ? end - start : ((end - start) + (step.Value - Math.Sign(step.Value))).FloorDividedBy(step.Value);
        var contents = start.IsFixed && count.IsFixed && count.Value <= 4096 ? Enumerable.Range(0, (int)count.Value).Select(i => start + (i * step)).ToArray() : null;
        return new TensorType(n[0].Type, [count], contents);
    }
}
