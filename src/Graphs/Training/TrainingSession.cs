using System.Text.Json;
using LmmRec.Artifacts;

namespace LmmRec.Graphs;

/// <summary>What a step reports: the loss before the update, and the parts that the plan names; over micro-batches their means.</summary>
public sealed record StepResult(float Loss, IReadOnlyDictionary<string, float> Parts)
{
    /// <summary>Of all gradients together, before they are scaled down to the plan's largest norm; 0 where nothing was updated yet.</summary>
    public double GradientNorm { get; init; }
}

/// <summary>Runs training artifacts: the training graph gives loss and gradients, then the optimizer graph updates the parameters.</summary>
public sealed class TrainingSession : IDisposable
{
    private readonly string _folder;
    private readonly RuntimeOptions _options;
    private readonly TrainingDescription _description;
    private readonly TensorMemory _memory;
    private readonly TrainingBuffers _buffers;
    private readonly BoundGraph _optimizer;
    private readonly Dictionary<string, BoundGraph> _training = new(StringComparer.Ordinal); // by loss
    private readonly Dictionary<string, Lazy<BoundGraph>> _evaluation = new(StringComparer.Ordinal); // by name; the plan's own without one
    private double? _weight; // of the gradients in the buffers, which an update has not used yet
    private double _norm; // of these gradients

    private TrainingSession(string folder, TrainingDescription description, IReadOnlyDictionary<string, TensorData> frozen, RuntimeOptions options)
    {
        (_folder, _options, _description) = (folder, options, description);
        _memory = options.Memory(options);
        try
        {
            _buffers = new TrainingBuffers(description, frozen, _memory, options);
            _training[Plan.Loss] = Bound(TrainingArtifacts.TrainingModel());
            foreach (var loss in Plan.OtherLosses.Keys) _training[loss] = Bound(TrainingArtifacts.TrainingModel(loss), loss);
            _optimizer = Bound(TrainingArtifacts.OptimizerModel);
            foreach (var name in Plan.OtherEvaluations.Keys.Prepend(null))
                _evaluation[name ?? ""] = new Lazy<BoundGraph>(() => Bound(TrainingArtifacts.EvalModel(name)));
            Load(folder);
        }
        catch
        {
            Dispose();
            throw;
        }

        BoundGraph Bound(string file, string? loss = null) => new(Path.Combine(folder, file), options, _memory, _buffers.Layouts(loss));
    }

    /// <summary>How many updates were made.</summary>
    public long Steps { get; private set; }

    /// <summary>The names of all parameters, frozen ones too.</summary>
    public IReadOnlyList<string> Parameters => [.. _description.Parameters.Select(p => p.Name)];

    /// <summary>What the graphs that were opened so far are bound to.</summary>
    internal IEnumerable<Binding> Bindings =>
    [
        .. _training.Values.Append(_optimizer).Concat(_evaluation.Values.Where(g => g.IsValueCreated).Select(g => g.Value)).SelectMany(g => g.Bindings),
        .. _buffers.Gradients.Bindings,
    ];

    private TrainingPlan Plan => _description.Plan;

    /// <summary>Opens the artifacts of <paramref name="folder"/> at their checkpoint.</summary>
    /// <exception cref="GraphException">The folder holds no whole artifacts.</exception>
    /// <exception cref="DeviceUnavailableException">The device of the options is not there, or its memory is full.</exception>
    public static TrainingSession Open(string folder, RuntimeOptions? options = null) => Open(folder, options, frozen: null);

    /// <summary>
    /// Writes the training artifacts of <paramref name="graph"/> and opens them. Tables that are not trained are not copied: the session works on the
    /// arrays that the graph was given. The graph lets go of all its parameters' values.
    /// </summary>
    /// <inheritdoc cref="TrainingArtifacts.Write"/>
    public static TrainingSession Create(string folder, Graph graph, TrainingPlan plan, SeededRandom random, RuntimeOptions? options = null)
    {
        TrainingArtifacts.Write(folder, graph, plan, random);
        var frozen = graph.Parameters.Where(p => !p.Trainable && !plan.Leaves.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value!, StringComparer.Ordinal);
        graph.ReleaseValues();
        // What the files were made from can be hundreds of megabytes, and native memory is about to take as much: .NET does not see that.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Open(folder, options, frozen);
    }

    private static TrainingSession Open(string folder, RuntimeOptions? options, IReadOnlyDictionary<string, TensorData>? frozen)
    {
        var path = Path.Combine(folder, TrainingArtifacts.Description);
        if (!File.Exists(path)) throw new GraphException($"'{folder}' holds no training artifacts: {TrainingArtifacts.Description} is not there");
        try
        {
            var description = JsonSerializer.Deserialize<TrainingDescription>(File.ReadAllBytes(path), TrainingArtifacts.Json)!;
            return new TrainingSession(folder, description, frozen ?? SafeTensors.Read(Path.Combine(folder, TrainingArtifacts.Frozen)), options ?? new RuntimeOptions());
        }
        catch (JsonException e)
        {
            throw new GraphException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>One forward and backward pass over <paramref name="batch"/>, then one update of all trained parameters, also of those whose gradient is zero.</summary>
    /// <param name="batch">what <see cref="Inputs"/> names</param>
    /// <param name="learningRate">of this update; null: what the plan's schedule says</param>
    /// <param name="otherLoss">one of the plan's further losses; null: the first</param>
    /// <exception cref="NotFiniteException">The loss or a gradient is not finite; nothing was updated.</exception>
    /// <exception cref="GraphException">The batch does not fit, or does not run.</exception>
    public StepResult Step(Batch batch, double? learningRate = null, string? otherLoss = null) => Step([batch], learningRate, otherLoss);

    /// <summary>One update with the mean of the gradients of several micro-batches, for batches that are too large to run at once.</summary>
    /// <inheritdoc cref="Step(Batch, double?, string?)"/>
    public StepResult Step(IReadOnlyList<Batch> microBatches, double? learningRate = null, string? otherLoss = null)
    {
        var rate = RateOf(learningRate);
        ArgumentOutOfRangeException.ThrowIfZero(microBatches.Count);
        var results = microBatches.Select(batch => Accumulate(batch, otherLoss, 1.0 / microBatches.Count)).ToList();
        return new StepResult(results.Average(r => r.Loss), results[0].Parts.Keys.ToDictionary(part => part, part => results.Average(r => r.Parts[part]), StringComparer.Ordinal))
        {
            GradientNorm = Update(rate),
        };
    }

    /// <summary>
    /// One forward and backward pass over <paramref name="batch"/>, whose gradients <see cref="Update"/> will use together with those of further
    /// passes, also of other losses. No parameter changes.
    /// </summary>
    /// <param name="batch">what <see cref="Inputs"/> names</param>
    /// <param name="loss">one of the plan's further losses; null: the first</param>
    /// <param name="weight">what the gradients are multiplied with before they are added</param>
    /// <exception cref="NotFiniteException">The loss or a gradient is not finite; all that was accumulated is dropped.</exception>
    /// <exception cref="GraphException">The batch does not fit, or does not run; the same.</exception>
    public StepResult Accumulate(Batch batch, string? loss = null, double weight = 1)
    {
        if (_weight is { } before) _buffers.Gradients.AddToSums(before);
        _weight = null;
        try
        {
            _norm = Differentiate(loss ?? Plan.Loss, batch);
        }
        catch
        {
            Drop();
            throw;
        }
        _weight = weight;
        var parts = loss is null ? Plan.Parts : Plan.OtherLosses[loss];
        return new StepResult(_buffers.Loss(loss ?? Plan.Loss), parts.ToDictionary(part => part, _buffers.Loss, StringComparer.Ordinal));
    }

    /// <summary>
    /// One update of all trained parameters with the sum of the gradients that were accumulated since the last one, which are then forgotten.
    /// Parameters that none of their losses reaches have the gradient zero.
    /// </summary>
    /// <param name="learningRate">of this update; null: what the plan's schedule says</param>
    /// <returns>the norm of all gradients together, before they are scaled down to the plan's largest</returns>
    /// <exception cref="NotFiniteException">The sum is not finite; nothing was updated.</exception>
    /// <exception cref="GraphException">Nothing was accumulated.</exception>
    public double Update(double? learningRate = null)
    {
        var rate = RateOf(learningRate);
        if (_weight is not { } weight) throw new GraphException($"an update of '{_description.Model}' has no gradients: accumulate at least one batch before it");
        var (norm, notFinite) = _buffers.Gradients.TakeSums(weight) ? _buffers.Gradients.Norm() : (_norm, null);
        Drop();
        if (notFinite is not null) throw new NotFiniteException(
            $"'{notFinite}' of '{_description.Model}' is not finite at step {Steps + 1}: the sum over the micro-batches overflows; nothing was updated");
        if (Plan.MaxGradientNorm is { } max && norm > max) _buffers.Gradients.Scale(max / (norm + 1e-6)); // ε as in PyTorch
        _optimizer.Run(_buffers.Layout, new Batch { [OptimizerGraph.LearningRate] = TensorData.Scalar(rate), [OptimizerGraph.Step] = TensorData.Scalar(Steps + 1) });
        _buffers.Turn();
        Steps++;
        return norm;
    }

    /// <summary>The evaluation outputs with the present parameters.</summary>
    /// <param name="batch">the inputs of the evaluation graph</param>
    /// <param name="other">one of the plan's further evaluations; null: the first</param>
    public IReadOnlyDictionary<string, TensorData> Evaluate(Batch? batch = null, string? other = null) => _evaluation[other ?? ""].Value.RunAndCopy(_buffers.Layout, batch ?? []);

    /// <summary>What a step on a loss is fed; null: the plan's first.</summary>
    public IReadOnlyCollection<string> Inputs(string? otherLoss = null) => _training[otherLoss ?? Plan.Loss].BatchInputs;

    /// <summary>What an evaluation is fed; null: the plan's first.</summary>
    public IReadOnlyCollection<string> EvaluationInputs(string? other = null) => _evaluation[other ?? ""].Value.BatchInputs;

    /// <summary>A copy of a parameter's values.</summary>
    public TensorData Parameter(string name) => Find(name).Read();

    /// <summary>Puts values into a parameter; moments stay as they are. One that is not trained may be an array that was given to <see cref="Create"/>.</summary>
    public void SetParameter(string name, TensorData value)
    {
        var target = Find(name);
        if (target.Type != value.Type || !target.Shape.SequenceEqual(value.Shape))
            throw new GraphException($"parameter '{name}' is {target.Type} [{string.Join(", ", target.Shape)}]; it cannot take {value.Type} [{string.Join(", ", value.Shape)}]");
        target.Write(value);
    }

    /// <summary>Puts values into rows of a table, such as one of the plan's leaves; the others stay as they are.</summary>
    /// <param name="parameter">[n × …] float</param>
    /// <param name="rows">m rows, each 0 to n − 1</param>
    /// <param name="values">[m × …] float</param>
    public void SetRows(string parameter, IReadOnlyList<int> rows, TensorData values)
    {
        var target = Find(parameter);
        if (target.Type != values.Type || !values.Shape.SequenceEqual([rows.Count, .. target.Shape[1..]]))
            throw new GraphException($"{rows.Count} rows of parameter '{parameter}', {target.Type} [{string.Join(", ", target.Shape)}], cannot take {values.Type} [{string.Join(", ", values.Shape)}]");
        target.WriteRows(rows, values.As<float>());
    }

    /// <summary>Rows of the gradient of a trained parameter or a leaf, [m × …].</summary>
    /// <inheritdoc cref="Gradient(string)"/>
    public TensorData Gradient(string name, IReadOnlyList<int> rows) => GradientOf(name).ReadRows(rows);

    /// <summary>A copy of the gradient that the last update used for a trained parameter, after <see cref="Accumulate"/> that of its batch alone.</summary>
    public TensorData Gradient(string name) => GradientOf(name).Read();

    /// <summary>
    /// Writes a checkpoint into <paramref name="folder"/>, which may be the artifacts' own or any other; <paramref name="state"/> takes what the caller
    /// needs to go on. What was accumulated and not yet used is not in it.
    /// </summary>
    public void Save(string folder, TrainingState? state = null) => Checkpoint.Write(
        folder, (state ?? new TrainingState(0)) with { Steps = Steps, Schedule = Plan.Schedule }, _buffers.State.Select(t => (t.Key, (ITensorBytes)t.Value)));

    /// <summary>Goes back to the checkpoint in <paramref name="folder"/> and gives the state that was saved with it.</summary>
    /// <exception cref="GraphException">There is none, it is truncated, or it is another model's; then nothing changed.</exception>
    public TrainingState Load(string folder)
    {
        var (state, file) = Checkpoint.Read(folder);
        var tensors = SafeTensors.ReadShapes(file);
        var wrong = _buffers.State.Where(t => !tensors.TryGetValue(t.Key, out var data) || data.Type != t.Value.Type || !data.Shape.SequenceEqual(t.Value.Shape)).Select(t => t.Key)
            .Concat(tensors.Keys.Where(name => !_buffers.State.ContainsKey(name))).ToList();
        if (wrong.Count > 0) throw new GraphException(
            $"the checkpoint in '{folder}' is not one of model '{_description.Model}': {string.Join(", ", wrong.Take(5))} {(wrong.Count > 5 ? $"and {wrong.Count - 5} more " : "")}differ or are missing");
        if (state.Schedule != Plan.Schedule) throw new GraphException(
            $"the checkpoint in '{folder}' was made under the schedule {state.Schedule?.ToString() ?? "none"}, and '{_description.Model}' has {Plan.Schedule?.ToString() ?? "none"}");
        SafeTensors.ReadInto(file, _buffers.State);
        Drop();
        Steps = state.Steps;
        return state;
    }

    public void Dispose()
    {
        foreach (var graph in _training.Values) graph.Dispose();
        _optimizer?.Dispose();
        foreach (var graph in _evaluation.Values.Where(g => g.IsValueCreated)) graph.Value.Dispose();
        _buffers?.Dispose();
        _memory.Dispose();
    }

    private BoundTensor Find(string name) => Parameters.Contains(name)
        ? _buffers.Find(name)!
        : throw new GraphException($"'{_description.Model}' has no parameter '{name}'; it has: {string.Join(", ", Parameters)}");

    private BoundTensor GradientOf(string name) => _buffers.GradientOf(name) ?? throw new GraphException($"'{name}' is no trained parameter of '{_description.Model}', nor a leaf");

    private double RateOf(double? given) => given ?? Plan.Schedule?.At(Steps)
        ?? throw new GraphException($"a step of '{_description.Model}' needs a learning rate: its plan has no schedule");

    private void Drop()
    {
        _weight = null;
        _buffers.Gradients.DropSums();
    }

    // Loss and gradients of one batch, all finite; gives the gradients' norm.
    private double Differentiate(string loss, Batch batch)
    {
        var graph = _training[loss];
        graph.Run(_buffers.Layout, batch);
        _buffers.ClearUnreached(loss, graph.Outputs);
        var value = _buffers.Loss(loss);
        var (norm, notFinite) = _buffers.Gradients.Norm();
        if (float.IsFinite(value) && notFinite is null) return norm;
        var file = Path.Combine(_folder, TrainingArtifacts.TrainingModel(loss == Plan.Loss ? null : loss));
        var culprit = FirstNonFinite.Find(file, _options, batch, name => _buffers.Find(name));
        throw new NotFiniteException($"'{(float.IsFinite(value) ? notFinite : loss)}' of '{_description.Model}' is not finite at step {Steps + 1}: {culprit}; nothing was updated");
    }
}
