namespace LmmRec.Graphs;

/// <summary>
/// The logarithm of the sum of exponentials over each row of a matrix, and its gradient, as operators of the library's own: contrastive losses
/// take it over every pair of a batch, where ONNX Runtime's ReduceLogSumExp is most of a training step.
/// </summary>
internal static class RowLogSumExp
{
    public const string Forward = "RowLogSumExp", Backward = "RowLogSumExpGradient";

    public static readonly Operator[] Table =
    [
        new(Forward, n => new TensorType(n[0].Type, [n[0].Shape[0]]), (n, dy) => [dy.Graph.Add(Backward, n[0], n.Y, dy)]) { Domain = Own.Domain, Lowering = LowerForward },
        new(Backward, Inferred.Same) { Domain = Own.Domain, Lowering = LowerBackward },
    ];

    /// <summary>Whether the operator stands for a reduction of <paramref name="x"/> over <paramref name="axes"/>.</summary>
    public static bool Covers(Tensor x, int[]? axes) => x.Rank == 2 && x.Type == ElementType.Float32 && axes is [1] or [-1];

    private static Graph LowerForward()
    {
        var g = new Graph(Forward);
        g.Output("y", Standard(g.Input("x", ElementType.Float32, ["n", "c"])));                       // [n]
        return g;
    }

    /// <summary>exp(x − y) of standard operators, times dy; y and dy broadcast against x.</summary>
    internal static Tensor StandardGradient(Tensor x, Tensor y, Tensor dy) => dy * (x - y).Exp();

    // dx[i, j] = dy[i] · exp(x[i, j] − y[i])
    private static Graph LowerBackward()
    {
        var g = new Graph(Backward);
        var x = g.Input("x", ElementType.Float32, ["n", "c"]);
        Tensor Column(string name) => g.Input(name, ElementType.Float32, ["n"]).Unsqueeze(1);         // [n, 1]
        var y = Column("y");
        g.Output("dx", StandardGradient(x, y, Column("dy")));                                         // [n, c]
        return g;
    }

    private static Tensor Standard(Tensor x) =>
        x.Graph.Add("ReduceLogSumExp", new Attributes(("keepdims", 0L)), x, x.Graph.Integers(1));
}
