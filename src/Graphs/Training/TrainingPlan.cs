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
    /// one does not reach, the first among them, have the gradient zero there, and are updated by it.
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

    /// <summary>
    /// Parameters that are not trained and that the caller changes between steps, such as features that an encoder makes: every step computes their
    /// gradients, no optimizer touches them, and checkpoints hold them.
    /// </summary>
    public IReadOnlyList<string> Leaves { get; init; } = [];

    /// <summary>Parameters with a learning rate or a decay of their own; the rest follows the step's rate and the optimizer.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>Where the norm of all gradients together is larger, they are scaled down to it; null: never.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>The learning rate of steps that are given none.</summary>
    public Schedule? Schedule { get; init; }
}
