namespace LmmRec.Graphs;

/// <summary>Operators that work on each element by itself, with NumPy's broadcasting where they have several inputs.</summary>
public static class Elementwise
{
    private static readonly double SqrtHalf = Math.Sqrt(0.5), GeluDensity = 1 / Math.Sqrt(2 * Math.PI), TanhScale = Math.Sqrt(2 / Math.PI);

    internal static readonly Operator[] Table =
    [
        new("Add", Inferred.Arithmetic((a, b) => a + b), (n, dy) => [dy.SumTo(n[0]), dy.SumTo(n[1])]),
        new("Sub", Inferred.Arithmetic((a, b) => a - b), (n, dy) => [dy.SumTo(n[0]), (-dy).SumTo(n[1])]),
        new("Mul", Inferred.Arithmetic((a, b) => a * b), (n, dy) => [(dy * n[1]).SumTo(n[0]), (dy * n[0]).SumTo(n[1])]),
        new("Div", Inferred.Arithmetic((a, b) => b.IsFixed && b.Value > 0 ? a.FloorDividedBy(b.Value) : a.DividedBy(b)),
            (n, dy) => [(dy / n[1]).SumTo(n[0]), (-dy * n.Y / n[1]).SumTo(n[1])]),
        new("Pow", InferPow, (n, dy) => [(dy * n[1].To(dy.Type) * n[0].Pow(n[1] - 1)).SumTo(n[0]), n[1].Type.IsFloat() ? (dy * n.Y * n[0].Log()).SumTo(n[1]) : null]),
        // Between its jumps the quotient is a constant whole number.
        new("Mod", Inferred.Broadcast, (n, dy) => [dy.SumTo(n[0]), (-dy * ((n[0] - n.Y) / n[1])).SumTo(n[1])]),
        new("Min", Inferred.Broadcast, Extremum),
        new("Max", Inferred.Broadcast, Extremum),
        new("Neg", Inferred.Same, (_, dy) => [-dy]),
        new("Abs", Inferred.Same, (n, dy) => [dy * n[0].Sign()]),
        new("Sqrt", Inferred.Same, (n, dy) => [dy * 0.5 / n.Y]),
        new("Reciprocal", Inferred.Same, (n, dy) => [-dy * n.Y * n.Y]),
        new("Exp", Inferred.Same, (n, dy) => [dy * n.Y]),
        new("Log", Inferred.Same, (n, dy) => [dy / n[0]]),
        new("Sin", Inferred.Same, (n, dy) => [dy * n[0].Cos()]),
        new("Cos", Inferred.Same, (n, dy) => [-dy * n[0].Sin()]),
        new("Erf", Inferred.Same, (n, dy) => [dy * (2 / Math.Sqrt(Math.PI)) * (-(n[0] * n[0])).Exp()]),
        new("Tanh", Inferred.Same, (n, dy) => [dy * (1 - n.Y * n.Y)]),
        new("Sigmoid", Inferred.Same, (n, dy) => [dy * n.Y * (1 - n.Y)]),
        new("Softplus", Inferred.Same, (n, dy) => [dy * n[0].Sigmoid()]),
        new("Relu", Inferred.Same, (n, dy) => [LeakyReluGradient(n.Y, dy, 0)]),
        new("LeakyRelu", Inferred.Same, (n, dy) => [LeakyReluGradient(n[0], dy, n.Attributes.Float("alpha", 0.01f))]),
        new("Elu", Inferred.Same, (n, dy) => [dy.Where(n[0].Greater(0), dy * (n.Y + n.Attributes.Float("alpha", 1)))]),
        new("HardSigmoid", Inferred.Same, (n, dy) => [(dy * n.Attributes.Float("alpha", 0.2f)).Where(n.Y.Greater(0).And(n.Y.Less(n.Y.Like(1))), 0)]),
        new("HardSwish", Inferred.Same, (n, dy) => [dy * ((n[0] / 6 + 0.5).Clip(0, 1) + (n[0] / 6).Where(n[0].Abs().Less(n[0].Like(3)), 0))]),
        new("Gelu", Inferred.Same, (n, dy) => [dy * (n.Attributes.String("approximate", "none") == "tanh" ? TanhGeluSlope(n[0]) : GeluSlope(n[0]))]),
        new("Clip", Inferred.Same, (n, dy) => [dy.Where(Inside(n), 0), null, null]),
        new("Where", InferWhere, (n, dy) => [null, dy.Where(n[0], 0).SumTo(n[1]), dy.Like(0).Where(n[0], dy).SumTo(n[2])]),
        new("Identity", Inferred.Copy, (_, dy) => [dy]),
        new("Cast", InferCast, (n, dy) => [n[0].Type.IsFloat() ? dy.Cast(n[0].Type) : null]),
        // Without training mode, the only one that is written and read here, Dropout changes nothing; masks are fed by the caller.
        new("Dropout", n => [Inferred.Same(n), new(ElementType.Bool, n[0].Shape)], (_, outputs) => [outputs[0], null, null]) { OptionalOutputs = 1 },
    ];

    /// <summary>xᵉ; the exponent broadcasts.</summary>
    public static Tensor Pow(this Tensor x, Tensor exponent) => x.Graph.Add("Pow", x, exponent);

    public static Tensor Pow(this Tensor x, double exponent) => x.Pow(x.Like(exponent));

    /// <summary>The smaller of the two, element by element; ties share the gradient.</summary>
    public static Tensor Min(this Tensor a, Tensor b) => a.Graph.Add("Min", a, b);

    /// <summary>The larger of the two, element by element; ties share the gradient.</summary>
    public static Tensor Max(this Tensor a, Tensor b) => a.Graph.Add("Max", a, b);

    public static Tensor Max(this Tensor a, double b) => a.Max(a.Like(b));

    public static Tensor Abs(this Tensor x) => x.Graph.Add("Abs", x);

    public static Tensor Sqrt(this Tensor x) => x.Graph.Add("Sqrt", x);

    /// <summary>1 / x.</summary>
    public static Tensor Reciprocal(this Tensor x) => x.Graph.Add("Reciprocal", x);

    public static Tensor Exp(this Tensor x) => x.Graph.Add("Exp", x);

    public static Tensor Log(this Tensor x) => x.Graph.Add("Log", x);

    public static Tensor Sin(this Tensor x) => x.Graph.Add("Sin", x);

    public static Tensor Cos(this Tensor x) => x.Graph.Add("Cos", x);

    public static Tensor Erf(this Tensor x) => x.Graph.Add("Erf", x);

    public static Tensor Tanh(this Tensor x) => x.Graph.Add("Tanh", x);

    public static Tensor Sigmoid(this Tensor x) => x.Graph.Add("Sigmoid", x);

    /// <summary>log(1 + eˣ), stable; −log σ(x) is <c>(-x).Softplus()</c>.</summary>
    public static Tensor Softplus(this Tensor x) => x.Graph.Add("Softplus", x);

    public static Tensor Relu(this Tensor x) => x.Graph.Add("Relu", x);

    public static Tensor LeakyRelu(this Tensor x, float slope = 0.01f) => x.Graph.Add("LeakyRelu", new Attributes(("alpha", slope)), x);

    private static Tensor LeakyReluGradient(Tensor x, Tensor dy, double slope) => dy.Type == ElementType.Float32
        ? dy.Graph.Add("LeakyReluGradient", x, dy, dy.Like(slope))
        : Fused.StandardLeakyReluGradient(x, dy, dy.Like(slope));

    /// <summary>x above 0, <paramref name="alpha"/> (eˣ − 1) below.</summary>
    public static Tensor Elu(this Tensor x, float alpha = 1) => x.Graph.Add("Elu", new Attributes(("alpha", alpha)), x);

    /// <summary>x / 6 + ½ limited to [0, 1], as PyTorch has it.</summary>
    public static Tensor HardSigmoid(this Tensor x) => x.Graph.Add("HardSigmoid", new Attributes(("alpha", 1f / 6)), x);

    /// <summary>x times its <see cref="HardSigmoid"/>.</summary>
    public static Tensor HardSwish(this Tensor x) => x.Graph.Add("HardSwish", x);

    /// <summary>x Φ(x), or its tanh approximation.</summary>
    public static Tensor Gelu(this Tensor x, bool tanhApproximation = false) =>
        x.Graph.Add("Gelu", new Attributes(("approximate", tanhApproximation ? "tanh" : "none")), x);

    /// <summary>x σ(1.702 x), CLIP's activation.</summary>
    public static Tensor QuickGelu(this Tensor x) => x.Type == ElementType.Float32 ? x.Graph.Add("QuickGelu", x) : Fused.StandardQuickGelu(x);

    /// <summary>x limited to [<paramref name="min"/>, <paramref name="max"/>]; no gradient outside.</summary>
    public static Tensor Clip(this Tensor x, double min, double max) => x.Graph.Add("Clip", x, x.Like(min), x.Like(max));

    /// <summary>This where <paramref name="condition"/> holds, else <paramref name="otherwise"/>.</summary>
    public static Tensor Where(this Tensor x, Tensor condition, Tensor otherwise) => x.Graph.Add("Where", condition, x, otherwise);

    public static Tensor Where(this Tensor x, Tensor condition, double otherwise) => x.Where(condition, x.Like(otherwise));

    public static Tensor Identity(this Tensor x) => x.Graph.Add("Identity", x);

    public static Tensor Cast(this Tensor x, ElementType type) => x.Graph.Add("Cast", new Attributes(("to", (long)type)), x);

    /// <summary>
    /// x ⊙ mask / keep: <paramref name="mask"/> holds 1 for what is kept and 0 for the rest and is fed with each batch, so that the caller's
    /// one generator decides and a training can be repeated.
    /// </summary>
    public static Tensor Dropout(this Tensor x, Tensor mask, double keep) => x * (mask / keep);

    internal static Tensor To(this Tensor x, ElementType type) => x.Type == type ? x : x.Cast(type);

    // What broadcasting repeated in the forward direction is summed in the backward one.
    internal static Tensor SumTo(this Tensor gradient, Tensor x)
    {
        var added = gradient.Rank - x.Rank;
        if (added > 0) gradient = gradient.ReduceSum([.. Enumerable.Range(0, added)]);
        int[] repeated = [.. Enumerable.Range(0, x.Rank).Where(i => x.Shape[i] != gradient.Shape[i])];
        return repeated.Length == 0 ? gradient : gradient.ReduceSum(repeated, keepDims: true);
    }

    private static TensorType InferPow(Node n) => new(n[0].Type, Inferred.BroadcastShape(n, n.Inputs));

    private static TensorType InferWhere(Node n)
    {
        if (n[0].Type != ElementType.Bool) throw n.Wrong($"the condition holds {n[0].Type}, not Bool");
        if (n[1].Type != n[2].Type) throw n.Wrong($"the element types {n[1].Type} and {n[2].Type} differ");
        var known = n[0].Inferred.Contents is { } condition && n[1].Inferred.Contents is { } a && n[2].Inferred.Contents is { } b && a.Count == b.Count && condition.Count == a.Count && n[1].Rank <= 1
            ? condition.Select((holds, i) => holds == 1 ? a[i] : b[i]).ToArray()
            : null;
        return new TensorType(n[1].Type, Inferred.BroadcastShape(n, n.Inputs), known);
    }

    private static TensorType InferCast(Node n)
    {
        var to = n.Attributes.Int("to", 0);
        if (!ElementTypes.IsKnown((int)to)) throw n.Wrong($"element type {to} is not known here");
        return n[0].Inferred with { Type = (ElementType)to };
    }

    // Those inputs that equal the result share its gradient.
    private static Tensor?[] Extremum(Node n, Tensor dy)
    {
        var chosen = n.Inputs.Select(x => x!.Equal(n.Y).Cast(dy.Type)).ToList();
        var share = dy / chosen.Aggregate((a, b) => a + b);
        return [.. n.Inputs.Select((x, i) => (share * chosen[i]).SumTo(x!))];
    }

    private static Tensor Inside(Node n)
    {
        var x = n[0];
        var inside = n.Optional(1) is { } min ? x.GreaterOrEqual(min) : x.Equal(x);
        return n.Optional(2) is { } max ? inside.And(x.LessOrEqual(max)) : inside;
    }

    private static Tensor GeluSlope(Tensor x) => 0.5 * ((x * SqrtHalf).Erf() + 1) + x * (x * x * -0.5).Exp() * GeluDensity;

    private static Tensor TanhGeluSlope(Tensor x)
    {
        var tanh = ((x + x * x * x * 0.044715) * TanhScale).Tanh();
        return 0.5 * (tanh + 1) + x * 0.5 * (1 - tanh * tanh) * (TanhScale * (x * x * (3 * 0.044715) + 1));
    }
}
