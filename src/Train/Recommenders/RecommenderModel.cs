using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Ranking;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>What one step is fed, and on which loss it is.</summary>
/// <param name="Inputs">the graph's inputs by name</param>
/// <param name="OtherLoss">null: the loss of most steps</param>
public sealed record PreparedBatch(Batch Inputs, string? OtherLoss);

/// <summary>
/// A recommender in training: the session of its training artifacts, and what the host puts into its graph beside the batches. An epoch is
/// <see cref="BeginEpoch"/>, and for each batch <see cref="Prepare"/>, which may run while the step before it does, and <see cref="Step"/>.
/// </summary>
public sealed class RecommenderModel : IDisposable
{
    /// <summary>The output that is minimised.</summary>
    public const string Loss = "loss";

    /// <summary>What the host made for <c>eval_model.onnx</c>, beside parameters and frozen tables; empty where it makes nothing.</summary>
    public const string EvaluationInputsFile = "eval_inputs.safetensors";

    private const string Users = "users", Positives = "positives", Negatives = "negatives", UserVectors = "user_vectors", ItemVectors = "item_vectors";
    private const string Later = "later_", LaterLoss = Later + Loss;

    private readonly RecommenderGraph _graph;
    private readonly int _threads;
    private readonly Batch _hostInputs = [];
    private bool _madeOnce;
    private int _batches; // of this epoch

    private RecommenderModel(RecommenderGraph graph, TrainingSession session, SeededRandom random, int threads) =>
        (_graph, Session, Random, _threads) = (graph, session, random, threads);

    /// <summary>Its parameters and moments.</summary>
    public TrainingSession Session { get; }

    /// <summary>Where there is a later loss, the batches from one on the main loss to the next; an epoch's first always is. Default: an epoch's.</summary>
    public int RebuildEvery { get; set; } = int.MaxValue;

    /// <summary>Whether the next batch is on the main loss.</summary>
    public bool RebuildsNext => _graph.LaterLoss is null || _batches % RebuildEvery == 0;

    /// <summary>The generator of all that the host draws; its state between two epochs is all that the epochs to come depend on.</summary>
    public SeededRandom Random { get; set; }

    /// <summary>
    /// Writes the training artifacts of a recommender into <paramref name="folder"/>, with parameters drawn from <paramref name="seed"/>, and opens them.
    /// The features of <paramref name="catalogue"/> are the model's from then on: no second copy of them stays in memory.
    /// </summary>
    /// <param name="folder">of the training artifacts</param>
    /// <param name="recommender">what is trained</param>
    /// <param name="catalogue">what it is trained for</param>
    /// <param name="options">its hyper-parameters</param>
    /// <param name="seed">of all its draws</param>
    /// <param name="runtime">how the graphs run</param>
    /// <param name="begin">may change the parameters that were drawn, before they are written; null: they begin so</param>
    public static RecommenderModel Create(
        string folder, Recommender recommender, Catalogue catalogue, RecommenderOptions options, int seed, RuntimeOptions runtime, Action<IReadOnlyList<Parameter>>? begin = null)
    {
        var g = new Graph(recommender.Name);
        var batch = new TripleInputs(Indices(Users), Indices(Positives), Indices(Negatives));
        var graph = recommender.Build(g, batch, catalogue, options);
        foreach (var modality in catalogue.Modalities) modality.Features.Release();
        var plan = new TrainingPlan
        {
            Loss = Loss,
            Parts = Outputs("", Loss, graph.Loss, graph.Parts),
            OtherLosses = graph.LaterLoss is { } later
                ? new Dictionary<string, IReadOnlyList<string>> { [LaterLoss] = Outputs(Later, LaterLoss, later.Total, later.Parts) }
                : new Dictionary<string, IReadOnlyList<string>>(),
            Evaluation = [UserVectors, ItemVectors],
            OtherEvaluations = graph.Host.Select((input, n) => (input, n)).Where(h => h.input.Reads.Count > 0)
                .ToDictionary(h => HostName(h.n), h => (IReadOnlyList<string>)[.. h.input.Reads.Select((read, r) => g.Output(ReadName(h.n, r), read).Name)]),
            Optimizer = new Adam { WeightDecay = options.WeightDecay },
            Leaves = [.. catalogue.Modalities.Where(m => m.Encoded).Select(m => m.TableName)],
        };
        g.Output(UserVectors, graph.UserVectors);
        g.Output(ItemVectors, graph.ItemVectors);
        var (drawn, random) = (g.Parameters.Where(parameter => parameter.Value is null).ToList(), SeededRandom.For(seed, "parameters"));
        g.Initialize(random);
        begin?.Invoke(drawn);
        var session = TrainingSession.Create(folder, g, plan, random, runtime);
        return new RecommenderModel(graph, session, SeededRandom.For(seed, "augmentation"), runtime.Threads);

        Tensor Indices(string name) => g.Input(name, ElementType.Int64, ["batch"]); // [B]

        string[] Outputs(string prefix, string loss, Tensor total, IReadOnlyDictionary<string, Tensor> parts)
        {
            g.Output(loss, total);
            return [.. parts.Select(part => g.Output(prefix + part.Key, part.Value).Name)];
        }
    }

    /// <summary>Makes the host's inputs of an epoch.</summary>
    public void BeginEpoch(CancellationToken cancellation)
    {
        MakeOnce(cancellation);
        Refresh(_hostInputs, Recommenders.Refresh.Epoch | Recommenders.Refresh.Rebuild, default, cancellation);
        _batches = 0;
    }

    /// <summary>Makes the inputs of the next step. Batches are prepared in the order of their steps.</summary>
    public PreparedBatch Prepare(Triples triples, CancellationToken cancellation)
    {
        var loss = RebuildsNext ? null : LaterLoss;
        if (loss is null && _batches > 0) Refresh(_hostInputs, Recommenders.Refresh.Rebuild, default, cancellation);
        _batches++;
        var inputs = new Batch
        {
            [Users] = TensorData.Of(triples.Users),
            [Positives] = TensorData.Of(triples.Positives),
            [Negatives] = TensorData.Of(triples.Negatives),
        };
        foreach (var (name, value) in _hostInputs) inputs[name] = value;
        Refresh(inputs, Recommenders.Refresh.Batch, triples, cancellation);
        return new PreparedBatch(Only(Session.Inputs(loss), inputs), loss);
    }

    /// <summary>One update of all parameters; parts of the loss have the same names in every step.</summary>
    public StepResult Step(PreparedBatch batch, double learningRate)
    {
        var result = Session.Step(batch.Inputs, learningRate, batch.OtherLoss);
        return batch.OtherLoss is null ? result : result with { Parts = result.Parts.ToDictionary(part => part.Key[Later.Length..], part => part.Value) };
    }

    /// <summary>The user and item vectors with the present parameters.</summary>
    public (Vectors Users, Vectors Items) Vectors(CancellationToken cancellation) => Evaluate(EvaluationInputs(cancellation));

    /// <summary>
    /// Writes a checkpoint into <paramref name="folder"/>, and as <see cref="EvaluationInputsFile"/> what the host makes for the evaluation graph: with
    /// the frozen tables these are all its inputs, so that any program can compute the vectors from the folder alone.
    /// </summary>
    /// <returns>Those vectors.</returns>
    public (Vectors Users, Vectors Items) Save(string folder, CancellationToken cancellation)
    {
        Session.Save(folder);
        var inputs = EvaluationInputs(cancellation);
        SafeTensors.Write(Path.Combine(folder, EvaluationInputsFile), inputs);
        return Evaluate(inputs);
    }

    public void Dispose() => Session.Dispose();

    private Batch EvaluationInputs(CancellationToken cancellation)
    {
        MakeOnce(cancellation); // there was no epoch where a training that is complete was opened again
        var inputs = new Batch();
        foreach (var (name, value) in _hostInputs) inputs[name] = value;
        Refresh(inputs, Recommenders.Refresh.Evaluation, default, cancellation);
        return Only(Session.EvaluationInputs(), inputs);
    }

    private (Vectors Users, Vectors Items) Evaluate(Batch inputs)
    {
        var outputs = Session.Evaluate(inputs);
        return (Table(outputs[UserVectors]), Table(outputs[ItemVectors]));

        static Vectors Table(TensorData data) => new(data.As<float>(), (int)data.Shape[1]);
    }

    private void MakeOnce(CancellationToken cancellation)
    {
        if (_madeOnce) return;
        Refresh(_hostInputs, Recommenders.Refresh.Once, default, cancellation);
        _madeOnce = true;
    }

    private void Refresh(Batch inputs, Refresh when, Triples triples, CancellationToken cancellation)
    {
        foreach (var (host, n) in _graph.Host.Select((host, n) => (host, n)).Where(h => (h.host.When & when) != 0))
        {
            var made = host.Make(new HostState(Random, triples, Read(host, n, inputs), _threads, cancellation));
            foreach (var (tensor, value) in host.Inputs.Zip(made)) inputs[tensor.Name] = value;
        }
    }

    private IReadOnlyList<TensorData> Read(HostInput host, int n, Batch inputs)
    {
        if (host.Reads.Count == 0) return [];
        var outputs = Session.Evaluate(Only(Session.EvaluationInputs(HostName(n)), inputs), HostName(n));
        return [.. host.Reads.Select((_, r) => outputs[ReadName(n, r)])];
    }

    private static string HostName(int n) => $"host_{n}";

    private static string ReadName(int n, int read) => $"host_{n}_{read}";

    private Batch Only(IReadOnlyCollection<string> names, Batch inputs)
    {
        var batch = inputs.Only(names);
        batch.Lasting.UnionWith(batch.Keys.Where(name => ReferenceEquals(_hostInputs.GetValueOrDefault(name), batch[name]))); // until it is made anew
        return batch;
    }
}
