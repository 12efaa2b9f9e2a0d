namespace LmmRec.Graphs;

/// <summary>Adam (Kingma and Ba, 2015) as PyTorch computes it; bias corrections in double precision.</summary>
public sealed record Adam
{
    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ ≥ 0: λ times the parameter is added to its gradient, or with <see cref="Decoupled"/> the parameter shrinks by rate × λ.</summary>
    public double WeightDecay { get; init; }

    /// <summary>AdamW (Loshchilov and Hutter, 2019) instead of Adam.</summary>
    public bool Decoupled { get; init; }
}

/// <summary>Parameters that are updated in a way of their own.</summary>
public sealed record ParameterGroup
{
    /// <summary>The names of the parameters that the group holds; each is in one group at most.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Multiplies the learning rate of every step.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Instead of the optimizer's; null: the optimizer's.</summary>
    public double? WeightDecay { get; init; }
}
