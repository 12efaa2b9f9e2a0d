namespace LmmRec.Graphs;

/// <summary>
/// The library's own operators. A file holds each with its lowering to standard operators as an ONNX function, so any ONNX Runtime runs it;
/// a session with kernels of its own may run those instead.
/// </summary>
public static class Own
{
    /// <summary>The ONNX domain of these operators.</summary>
    internal const string Domain = "lmmrec";

    internal static readonly Operator[] Table =
    [
        new("RowScatter", InferRowScatter, (n, dy) => [dy.Gather(n[1]), null, null]) { Domain = Domain, Lowering = () => LowerRowScatter("RowScatter", add: false) },
        new("RowScatterAdd", InferRowScatter, (n, dy) => [dy.Gather(n[1]), null, null, dy]) { Domain = Domain, Lowering = () => LowerRowScatter("RowScatterAdd", add: true) },
        new("AdamStep", n => [n[0].Inferred, n[0].Inferred, n[0].Inferred], gradient: null) { Domain = Domain, Lowering = LowerAdamStep },
        new("LeakyReluGradient", Inferred.Same) { Domain = Domain, Lowering = LowerLeakyReluGradient },
        new("Detach", Inferred.Same) { Domain = Domain, EndsGradient = true, Lowering = LowerDetach },
    ];

    /// <summary>The same values, through which no gradient flows.</summary>
    public static Tensor Detach(this Tensor x) => x.Graph.Add("Detach", x);

    /// <summary>
    /// A table of <paramref name="count"/> rows, each the sum of those rows of <paramref name="rows"/> whose index names it:
    /// <c>[n, d], [n], [1] → [count, d]</c>. Indices (int64) may repeat. The gradient of a row gather; never ScatterND(add), which loses
    /// updates when indices repeat and more than one thread runs.
    /// </summary>
    public static Tensor RowScatter(this Tensor rows, Tensor indices, Tensor count) => rows.Graph.Add("RowScatter", rows, indices, count);

    /// <summary>
    /// One update of Adam as PyTorch makes it: gives parameter, first and second moment. <paramref name="rate"/> and <paramref name="step"/> (from 1)
    /// are a float64 and an int64 scalar, <paramref name="constants"/> float64: β₁, β₂, ε, coupled decay, decoupled decay.
    /// </summary>
    internal static IReadOnlyList<Tensor> AdamStep(
        this Tensor parameter, Tensor gradient, Tensor first, Tensor second, Tensor rate, Tensor step, Tensor constants) =>
        parameter.Graph.Add("AdamStep", Attributes.None, 3, parameter, gradient, first, second, rate, step, constants);

    private static TensorType InferRowScatter(Node n)
    {
        var (rows, indices) = (n[0], n[1]);
        if (rows.Rank != 2 || indices.Rank != 1 || rows.Shape[0] != indices.Shape[0]) throw n.Wrong("rows [n, d] need indices [n]");
        if (indices.Type != ElementType.Int64) throw n.Wrong($"indices are Int64, not {indices.Type}");
        return new TensorType(rows.Type, [n.Contents(2)[0], rows.Shape[1]]);
    }

    private static Graph LowerDetach()
    {
        var g = new Graph("Detach");
        g.Output("y", g.Input("x", ElementType.Float32, ["n", "d"]).Identity());
        return g;
    }

    private static Graph LowerLeakyReluGradient()
    {
        var g = new Graph("LeakyReluGradient");
        var x = g.Input("x", ElementType.Float32, ["n"]);
        var dy = g.Input("dy", ElementType.Float32, ["n"]);
        g.Output("dx", Fused.StandardLeakyReluGradient(x, dy, g.Input("slope", ElementType.Float32, [])));
        return g;
    }

    // ScatterElements adds one element after the other; the second form adds to a table that is there instead of to zeros.
    private static Graph LowerRowScatter(string name, bool add)
    {
        var g = new Graph(name);
        var rows = g.Input("rows", ElementType.Float32, ["n", "d"]);
        var indices = g.Input("indices", ElementType.Int64, ["n"]);
        var count = g.InputOf("count", new TensorType(ElementType.Int64, [1], ["count"]));
        // Zeros [count], then [count, d]: a shape put together of both sizes would be a node on the host in the midst of a device's step.
        var table = add ? g.Input("addend", ElementType.Float32, ["count", "d"]) : g.Scalar(0).Expand(count).Unsqueeze(1).Expand(rows.SizeVectorOf(1)); // [count, d]
        g.Output("sum", table.ScatterElements(indices.Unsqueeze(1).Expand(rows.ShapeTensor()), rows, axis: 0, add: true));
        return g;
    }

    private static Graph LowerAdamStep()
    {
        var g = new Graph("AdamStep");
        var tensors = Array.ConvertAll(new[] { "parameter", "gradient", "first_moment", "second_moment" }, name => g.Input(name, ElementType.Float32, ["n"]));
        var (parameter, gradient, first, second) = (tensors[0], tensors[1], tensors[2], tensors[3]);
        var rate = g.Input("rate", ElementType.Float64, []);
        var step = g.Input("step", ElementType.Int64, []).Cast(ElementType.Float64);
        var constants = g.Input("constants", ElementType.Float64, [5]);
        var (beta1, beta2, epsilon, coupled, decoupled) = (Constant(0), Constant(1), Constant(2), Constant(3), Constant(4));

        // Scalars stay in double precision until they meet a tensor: 1 − β₂ᵗ in floats is off by some 1e-4 in the first steps.
        var stepSize = rate / (1 - beta1.Pow(step));
        var correction = (1 - beta2.Pow(step)).Sqrt();
        gradient += parameter * Single(coupled);
        var nextFirst = first * Single(beta1) + gradient * Single(1 - beta1);
        var nextSecond = second * Single(beta2) + gradient * gradient * Single(1 - beta2);
        var direction = nextFirst / (nextSecond.Sqrt() / Single(correction) + Single(epsilon));
        g.Output("next_parameter", parameter * Single(1 - rate * decoupled) - direction * Single(stepSize));
        g.Output("next_first_moment", nextFirst);
        g.Output("next_second_moment", nextSecond);
        return g;

        Tensor Constant(long i) => constants.Gather(g.Scalar(i, ElementType.Int64));
        static Tensor Single(Tensor scalar) => scalar.Cast(ElementType.Float32);
    }
}
