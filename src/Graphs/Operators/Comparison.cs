namespace LmmRec.Graphs;

/// <summary>Comparisons, logic and rounding: constant almost everywhere, so gradients end here.</summary>
public static class Comparison
{
    internal static readonly Operator[] Table =
    [
        new("Equal", n => Inferred.Arithmetic((a, b) => a == b ? 1 : 0)(n) with { Type = ElementType.Bool }) { EndsGradient = true },
        new("Greater", Inferred.Comparison) { EndsGradient = true },
        new("GreaterOrEqual", Inferred.Comparison) { EndsGradient = true },
        new("Less", Inferred.Comparison) { EndsGradient = true },
        new("LessOrEqual", Inferred.Comparison) { EndsGradient = true },
        new("And", Inferred.Comparison) { EndsGradient = true },
        new("Or", Inferred.Comparison) { EndsGradient = true },
        new("Xor", Inferred.Comparison) { EndsGradient = true },
        new("Not", Inferred.Comparison) { EndsGradient = true },
        new("IsNaN", Inferred.Comparison) { EndsGradient = true },
        new("IsInf", Inferred.Comparison) { EndsGradient = true },
        new("Sign", Inferred.Same) { EndsGradient = true },
        new("Floor", Inferred.Same) { EndsGradient = true },
        new("Ceil", Inferred.Same) { EndsGradient = true },
        new("Round", Inferred.Same) { EndsGradient = true },
    ];

    public static Tensor Equal(this Tensor a, Tensor b) => a.Graph.Add("Equal", a, b);

    public static Tensor Greater(this Tensor a, Tensor b) => a.Graph.Add("Greater", a, b);

    public static Tensor Greater(this Tensor a, double b) => a.Greater(a.Like(b));

    public static Tensor GreaterOrEqual(this Tensor a, Tensor b) => a.Graph.Add("GreaterOrEqual", a, b);

    public static Tensor Less(this Tensor a, Tensor b) => a.Graph.Add("Less", a, b);

    public static Tensor LessOrEqual(this Tensor a, Tensor b) => a.Graph.Add("LessOrEqual", a, b);

    public static Tensor And(this Tensor a, Tensor b) => a.Graph.Add("And", a, b);

    public static Tensor Or(this Tensor a, Tensor b) => a.Graph.Add("Or", a, b);

    public static Tensor Not(this Tensor x) => x.Graph.Add("Not", x);

    /// <summary>−1, 0 or 1.</summary>
    public static Tensor Sign(this Tensor x) => x.Graph.Add("Sign", x);
}
