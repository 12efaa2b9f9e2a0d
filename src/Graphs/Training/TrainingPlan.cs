namespace LmmRec.Graphs;

/// <summary>What of a graph is trained and how: which outputs are the loss and its parts, which are evaluated, and the optimizer.</summary>
public sealed record TrainingPlan
{
    /// <summary>The scalar output that is minimised.</summary>
    public string Loss { get; init; } = "loss";

    /// <summary>Further scalar outputs that each step reports, such as the terms of the loss.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>
    /// Further losses over the same parameters, by the scalar output that is minimised, with their parts: a step takes one of them. Parameters that
    /// one does not reach have the gradient zero there, and are updated by it.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> OtherLosses { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The outputs of the evaluation graph, such as user and item vectors.</summary>
    public IReadOnlyList<string> Evaluation { get; init; } = [];

    /// <summary>Further evaluation graphs by name, for outputs that are wanted apart from those or need other inputs.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> OtherEvaluations { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The outputs that are one number.</summary>
    internal IEnumerable<string> Scalars() => [Loss, .. Parts, .. OtherLosses.SelectMany(l => l.Value.Prepend(l.Key))];

    /// <summary>All outputs that the plan speaks of.</summary>
    internal IEnumerable<string> Outputs() => [.. Scalars(), .. Evaluation, .. OtherEvaluations.Values.SelectMany(e => e)];

    public Adam Optimizer { get; init; } = new();
}

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
