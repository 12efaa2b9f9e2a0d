using System.Numerics.Tensors;
using System.Text.Json;

namespace LmmRec.Graphs;

/// <summary>What a step reports: the loss before the update, and the parts that the plan names.</summary>
public sealed record StepResult(float Loss, IReadOnlyDictionary<string, float> Parts);

/// <summary>
/// Runs training artifacts. Parameters, gradients and moments lie in native buffers that are bound once; parameters and moments have two sets,
/// and the optimizer reads one and writes the other in turn, because one buffer must never be input and output of one graph.
/// </summary>
public sealed class TrainingSession : IDisposable
{
    private readonly TrainingDescription _description;
    private readonly Dictionary<string, NativeTensor>[] _sets;
    private readonly Dictionary<string, NativeTensor> _fixed = new(StringComparer.Ordinal); // frozen tables, gradients, losses
    private readonly BoundGraph _optimizer;
    private readonly Dictionary<string, BoundGraph> _training = new(StringComparer.Ordinal); // by loss
    private readonly Dictionary<string, Lazy<BoundGraph>> _evaluation = new(StringComparer.Ordinal); // by name; the plan's own without one
    private readonly HashSet<string> _zero = new(StringComparer.Ordinal); // gradients that hold zeros
    private int _current;

    private TrainingSession(string folder, TrainingDescription description, RuntimeOptions options)
    {
        _description = description;
        // The kernel of AdamStep reads an element before it writes it, so with it one set is updated in place; standard operators need two in turn.
        _sets = [.. Enumerable.Range(0, options.RunsKernels ? 1 : 2).Select(_ => new Dictionary<string, NativeTensor>(StringComparer.Ordinal))];
        foreach (var p in description.Parameters.Where(p => p.Trainable))
        {
            _fixed[OptimizerGraph.GradientOf(p.Name)] = new NativeTensor(p.Type, p.Shape);
            foreach (var set in _sets)
                foreach (var name in StateOf(p.Name)) set[name] = new NativeTensor(p.Type, p.Shape);
        }
        foreach (var (name, data) in SafeTensors.Read(Path.Combine(folder, TrainingArtifacts.Frozen)))
        {
            _fixed[name] = new NativeTensor(data.Type, data.Shape);
            _fixed[name].Write(data);
        }
        foreach (var name in description.Plan.Scalars()) _fixed[name] = new NativeTensor(ElementType.Float32, []);

        Func<string, NativeTensor?>[] Layouts(string? loss = null) => [.. _sets.Select((_, current) => Layout(current, loss))];
        _training[description.Plan.Loss] = new BoundGraph(Path.Combine(folder, TrainingArtifacts.TrainingModel()), options, Layouts());
        foreach (var loss in description.Plan.OtherLosses.Keys)
            _training[loss] = new BoundGraph(Path.Combine(folder, TrainingArtifacts.TrainingModel(loss)), options, Layouts(loss));
        _optimizer = new BoundGraph(Path.Combine(folder, TrainingArtifacts.OptimizerModel), options, Layouts());
        foreach (var name in description.Plan.OtherEvaluations.Keys.Prepend(null))
            _evaluation[name ?? ""] = new Lazy<BoundGraph>(() => new BoundGraph(Path.Combine(folder, TrainingArtifacts.EvalModel(name)), options, Layouts()));
        Load(folder);
    }

    /// <summary>How many updates were made.</summary>
    public long Steps { get; private set; }

    /// <summary>The names of all parameters, frozen ones too.</summary>
    public IReadOnlyList<string> Parameters => [.. _description.Parameters.Select(p => p.Name)];

    /// <summary>Opens the artifacts of <paramref name="folder"/> at their checkpoint.</summary>
    /// <exception cref="GraphException">The folder holds no whole artifacts.</exception>
    /// <exception cref="DeviceUnavailableException">The device of the options is not there.</exception>
    public static TrainingSession Open(string folder, RuntimeOptions? options = null)
    {
        var path = Path.Combine(folder, TrainingArtifacts.Description);
        if (!File.Exists(path)) throw new GraphException($"'{folder}' holds no training artifacts: {TrainingArtifacts.Description} is not there");
        var description = JsonSerializer.Deserialize<TrainingDescription>(File.ReadAllBytes(path), TrainingArtifacts.Json)!;
        return new TrainingSession(folder, description, options ?? new RuntimeOptions());
    }

    /// <summary>One forward and backward pass over <paramref name="batch"/>, then one update of all trained parameters, also of those whose gradient is zero.</summary>
    /// <exception cref="GraphException">The batch does not fit, or the loss or a gradient is not finite; then nothing was updated.</exception>
    /// <param name="batch">what <see cref="Inputs"/> names</param>
    /// <param name="learningRate">of this update</param>
    /// <param name="otherLoss">one of the plan's further losses; null: the first</param>
    public StepResult Step(Batch batch, double learningRate, string? otherLoss = null)
    {
        var name = otherLoss ?? _description.Plan.Loss;
        var graph = _training[name];
        graph.Run(_current, batch);
        ClearUnreached(name, graph);
        var loss = Scalar(name);
        CheckFinite(loss);
        var update = new Batch { [OptimizerGraph.LearningRate] = TensorData.Scalar(learningRate), [OptimizerGraph.Step] = TensorData.Scalar(Steps + 1) };
        _optimizer.Run(_current, update);
        _current = (_current + 1) % _sets.Length;
        Steps++;
        return new StepResult(loss, (otherLoss is null ? _description.Plan.Parts : _description.Plan.OtherLosses[otherLoss]).ToDictionary(part => part, Scalar, StringComparer.Ordinal));
    }

    /// <summary>The evaluation outputs with the present parameters.</summary>
    /// <param name="batch">the inputs of the evaluation graph</param>
    /// <param name="other">one of the plan's further evaluations; null: the first</param>
    public IReadOnlyDictionary<string, TensorData> Evaluate(Batch? batch = null, string? other = null) => _evaluation[other ?? ""].Value.RunAndCopy(_current, batch ?? []);

    /// <summary>What a step on a loss is fed; null: the plan's first.</summary>
    public IReadOnlyCollection<string> Inputs(string? otherLoss = null) => _training[otherLoss ?? _description.Plan.Loss].BatchInputs;

    /// <summary>What an evaluation is fed; null: the plan's first.</summary>
    public IReadOnlyCollection<string> EvaluationInputs(string? other = null) => _evaluation[other ?? ""].Value.BatchInputs;

    /// <summary>A copy of a parameter's values.</summary>
    public TensorData Parameter(string name) => Find(name).Read();

    /// <summary>Puts values into a parameter; moments stay as they are.</summary>
    public void SetParameter(string name, TensorData value)
    {
        var target = Find(name);
        if (target.Type != value.Type || !target.Shape.SequenceEqual(value.Shape))
            throw new GraphException($"parameter '{name}' is {target.Type} [{string.Join(", ", target.Shape)}]; it cannot take {value.Type} [{string.Join(", ", value.Shape)}]");
        target.Write(value);
    }

    /// <summary>A copy of the gradient that the last step computed for a trained parameter.</summary>
    public TensorData Gradient(string name) => _fixed.TryGetValue(OptimizerGraph.GradientOf(name), out var gradient)
        ? gradient.Read()
        : throw new GraphException($"'{name}' is no trained parameter of '{_description.Model}'");

    /// <summary>Writes a checkpoint into <paramref name="folder"/>, which may be the artifacts' own or any other; <paramref name="state"/> takes what the caller needs to go on.</summary>
    public void Save(string folder, TrainingState? state = null) =>
        Checkpoint.Write(folder, (state ?? new TrainingState(0)) with { Steps = Steps }, _sets[_current].ToDictionary(t => t.Key, t => t.Value.Read(), StringComparer.Ordinal));

    /// <summary>Goes back to the checkpoint in <paramref name="folder"/> and gives the state that was saved with it.</summary>
    /// <exception cref="GraphException">There is none, it is truncated, or it is another model's; then nothing changed.</exception>
    public TrainingState Load(string folder)
    {
        var (state, tensors) = Checkpoint.Read(folder);
        var wrong = _sets[_current].Where(t => !tensors.TryGetValue(t.Key, out var data) || data.Type != t.Value.Type || !data.Shape.SequenceEqual(t.Value.Shape)).Select(t => t.Key)
            .Concat(tensors.Keys.Where(name => !_sets[_current].ContainsKey(name))).ToList();
        if (wrong.Count > 0) throw new GraphException(
            $"the checkpoint in '{folder}' is not one of model '{_description.Model}': {string.Join(", ", wrong.Take(5))} {(wrong.Count > 5 ? $"and {wrong.Count - 5} more " : "")}differ or are missing");
        foreach (var (name, data) in tensors) _sets[_current][name].Write(data);
        Steps = state.Steps;
        return state;
    }

    public void Dispose()
    {
        foreach (var graph in _training.Values) graph.Dispose();
        _optimizer.Dispose();
        foreach (var graph in _evaluation.Values.Where(g => g.IsValueCreated)) graph.Value.Dispose();
        foreach (var buffer in _sets.SelectMany(s => s.Values).Concat(_fixed.Values)) buffer.Dispose();
    }

    private static string[] StateOf(string parameter) => [parameter, OptimizerGraph.FirstMomentOf(parameter), OptimizerGraph.SecondMomentOf(parameter)];

    // Inputs come from the current set; what the optimizer updates goes to the other one.
    private Func<string, NativeTensor?> Layout(int current, string? loss = null)
    {
        var next = _sets[(current + 1) % _sets.Length].ToDictionary(t => OptimizerGraph.Next(t.Key), t => t.Value, StringComparer.Ordinal);
        var gradients = _description.Parameters.Where(p => loss is not null && p.Trainable)
            .ToDictionary(p => OptimizerGraph.GradientOf(p.Name, loss!), p => _fixed[OptimizerGraph.GradientOf(p.Name)], StringComparer.Ordinal);
        return name => _sets[current].GetValueOrDefault(name) ?? _fixed.GetValueOrDefault(name) ?? next.GetValueOrDefault(name) ?? gradients.GetValueOrDefault(name);
    }

    private NativeTensor Find(string name) => _description.Parameters.Any(p => p.Name == name)
        ? _sets[_current].GetValueOrDefault(name) ?? _fixed[name]
        : throw new GraphException($"'{_description.Model}' has no parameter '{name}'; it has: {string.Join(", ", Parameters)}");

    // The gradients that a loss does not reach are zero, whatever another loss left in them.
    private void ClearUnreached(string loss, BoundGraph graph)
    {
        foreach (var p in _description.Parameters.Where(p => p.Trainable))
        {
            var name = OptimizerGraph.GradientOf(p.Name);
            if (graph.Outputs.Contains(name) || graph.Outputs.Contains(OptimizerGraph.GradientOf(p.Name, loss))) _zero.Remove(name);
            else if (_zero.Add(name)) _fixed[name].Floats.Clear();
        }
    }

    private float Scalar(string name) => _fixed[name].Floats[0];

    private void CheckFinite(float loss)
    {
        if (!float.IsFinite(loss)) throw new GraphException($"the loss of '{_description.Model}' at step {Steps + 1} is {loss}");
        foreach (var p in _description.Parameters.Where(p => p.Trainable))
            if (!_zero.Contains(OptimizerGraph.GradientOf(p.Name)) && !float.IsFinite(TensorPrimitives.MaxMagnitude<float>(_fixed[OptimizerGraph.GradientOf(p.Name)].Floats)))
                throw new GraphException($"the gradient of '{p.Name}' at step {Steps + 1} is not finite");
    }
}
