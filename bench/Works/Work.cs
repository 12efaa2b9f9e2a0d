using LmmRec.Artifacts.Tables;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tuning;

namespace LmmRec.Bench.Works;

/// <summary>
/// What to run on, as the peer has it; <paramref name="Batch"/> 0 takes the work's own, <paramref name="Scale"/> copies of the interactions show cost
/// against size.
/// </summary>
internal sealed record Arguments(string Inter, int Batch, int Scale, int Threads, string Device = "cpu")
{
    public RuntimeOptions Runtime => new() { Threads = Threads, Device = Device };
}

/// <summary>
/// One work under one of the peer's names: its constructor makes data and files, <see cref="Open"/> the session where opening is timed too, and
/// <see cref="Run"/> does it once.
/// </summary>
internal abstract class Work : IDisposable
{
    public abstract string What { get; }

    /// <summary>What a run does, where somebody counts: multiplications and additions, or tokens; else 0.</summary>
    public virtual double Operations => 0;

    /// <summary>Whether these are multiplications and additions of floats, so that the processor's limit stands beside them.</summary>
    public virtual bool Multiplies => false;

    public virtual void Open()
    {
    }

    public abstract void Run();

    public abstract void Dispose();

    /// <summary>Multiplications and additions of a loss and of the gradients of what is trained.</summary>
    /// <param name="graph">whose training artifacts were written, so that it has the gradients</param>
    /// <param name="loss">the output</param>
    /// <param name="feed">what its inputs are fed</param>
    protected static double OperationsOf(Graph graph, string loss, Batch feed)
    {
        var sizes = new Dictionary<string, long>();
        foreach (var input in graph.Inputs.Where(input => feed.ContainsKey(input.Name)))
            foreach (var (axis, size) in input.Shape.Index()) sizes[size.ToString()] = feed[input.Name].Shape[axis];
        var gradients = graph.Parameters.Where(p => p.Trainable).Select(p => graph.Outputs[OptimizerGraph.GradientOf(p.Name)]);
        return 2 * (GraphWork.Of([graph.Outputs[loss], .. gradients], sizes) ?? throw new InvalidOperationException("shapes hang on more than the inputs")).MultiplyAdds;
    }

    /// <summary>All works by name.</summary>
    public static IReadOnlyDictionary<string, Func<Arguments, Work>> All { get; } = new Dictionary<string, Func<Arguments, Work>>(StringComparer.Ordinal)
    {
        ["spmm"] = a => new SparseProduct(a, kernels: true),
        ["spmm-stock"] = a => new SparseProduct(a, kernels: false),
        ["rank"] = a => new Rank(a),
        ["bpr"] = a => new RecommenderStep(a, "bpr", new FactorizationOptions()),
        ["lightgcn"] = a => new RecommenderStep(a, "lightgcn", new LightGcnOptions { Reg = 1e-2 }),
        ["lightgcn-start"] = a => new TrainingStart(a),
        ["vbpr"] = a => new RecommenderStep(a, "vbpr", new FactorizationOptions()),
        ["mmgcn"] = a => new RecommenderStep(a, "mmgcn", new MmgcnOptions()),
        ["mmgcl"] = a => new RecommenderStep(a, "mmgcl", new MmgclOptions { Mode = MmgclMode.Released, Dropout = 0.05 }),
        ["slmrec"] = a => new RecommenderStep(a, "slmrec", new SlmRecOptions()),
        ["lattice"] = a => new RecommenderStep(a, "lattice", new LatticeOptions()),
        ["lattice-rebuild"] = a => new RecommenderStep(a, "lattice", new LatticeOptions(), rebuilds: true),
        ["freedom"] = a => new RecommenderStep(a, "freedom", new FreedomOptions { Pruning = 0 }),
        ["towers-train"] = a => new Towers(a, small: false, recompute: false),
        ["towers-train-recompute"] = a => new Towers(a, small: false, recompute: true),
        ["towers-train-small"] = a => new Towers(a, small: true, recompute: false),
        ["tune-update"] = a => new TuneUpdate(a, lastBlocks: null, KeptPrefix.None),
        ["tune-update-frozen"] = a => new TuneUpdate(a, lastBlocks: 2, KeptPrefix.None),
        ["tune-update-kept"] = a => new TuneUpdate(a, lastBlocks: 2, KeptPrefix.Float32),
        ["vit-forward"] = a => new VitForward(a, rounded: false),
        ["vit-forward-8-bit"] = a => new VitForward(a, rounded: true),
        ["clip-image"] = a => new ClipImage(a, half: false, resident: false),
        ["clip-image-half"] = a => new ClipImage(a, half: true, resident: false),
        ["clip-image-resident"] = a => new ClipImage(a, half: false, resident: true),
        ["clip-image-half-resident"] = a => new ClipImage(a, half: true, resident: true),
        ["text-encode-minilm"] = a => new TextEncode(a, "minilm-l6", "bert_vocab.txt", Padding.Free),
        ["text-encode-minilm-full"] = a => new TextEncode(a, "minilm-l6", "bert_vocab.txt", Padding.Full),
        ["text-encode-clip"] = a => new TextEncode(a, "clip-vit-b16", "bpe_simple_vocab_16e6.txt.gz", Padding.Free),
        ["text-encode-clip-full"] = a => new TextEncode(a, "clip-vit-b16", "bpe_simple_vocab_16e6.txt.gz", Padding.Full),
        ["matmul"] = a => new MatrixProduct(a, kernels: true),
        ["matmul-stock"] = a => new MatrixProduct(a, kernels: false),
        ["encoder-start"] = a => new EncoderStart(a),
        ["picture"] = a => new PictureInput(a),
        ["tokens-byte-pair"] = _ => TokenInput.BytePairs(),
        ["tokens-word-piece"] = _ => TokenInput.WordPieces(),
        ["tokens-clip"] = _ => TokenInput.Json("clip-vit-tiny-patch32"),
        ["tokens-siglip"] = _ => TokenInput.Json("siglip-tiny-patch16-224"),
        ["tokens-siglip2"] = _ => TokenInput.Json("siglip2-tiny-patch16-256"),
        ["tokens-minilm"] = _ => TokenInput.Json("all-MiniLM-tiny"),
        ["tokens-jina"] = _ => TokenInput.Json("jina-clip-tiny"),
        ["featurize"] = a => new FeaturizeStep(a, rounded: false),
        ["featurize-8-bit"] = a => new FeaturizeStep(a, rounded: true),
        ["featurize-encoder"] = a => new EncoderAlone(a, rounded: false),
        ["featurize-encoder-8-bit"] = a => new EncoderAlone(a, rounded: true),
        ["featurize-refresh"] = a => new FeaturizeRefresh(a),
        ["pictures-fetch"] = a => new PictureFetch(a),
        ["csv-cells"] = _ => new ShopTable(json: false, cellsAlone: true),
        ["csv-interactions"] = _ => new ShopTable(json: false, cellsAlone: false),
        ["json-cells"] = _ => new ShopTable(json: true, cellsAlone: true),
        ["json-interactions"] = _ => new ShopTable(json: true, cellsAlone: false),
        ["shop-core"] = a => new ShopCore(a),
        ["vectors-write"] = _ => new TableWrite<MatrixRow>(TableRows.Vectors),
        ["vectors-read"] = _ => new TableRead<MatrixRow>(TableRows.Vectors),
        ["pictures-write"] = _ => new TableWrite<ImageRow>(TableRows.Pictures),
        ["pictures-read"] = _ => new TableRead<ImageRow>(TableRows.Pictures),
        ["interactions-write"] = _ => new TableWrite<InteractionRow>(TableRows.Interactions),
        ["interactions-read"] = _ => new TableRead<InteractionRow>(TableRows.Interactions),
        ["compare"] = a => new Comparison(a),
        ["per-user-write"] = _ => new TableWrite<PerUserRow>(TableRows.PerUser),
        ["per-user-read"] = _ => new TableRead<PerUserRow>(TableRows.PerUser),
    };

    /// <summary>The peer's script and its name for the same work; null where there is none.</summary>
    public static (string Script, string Name)? PeerOf(string work) => work switch
    {
        "towers-train-recompute" => ("torch_peer.py", "towers-train"),
        "vit-forward-8-bit" => ("torch_peer.py", "vit-forward"),
        "picture" => ("pillow_peer.py", work),
        "featurize" or "featurize-8-bit" or "featurize-encoder" or "featurize-encoder-8-bit" => ("featurize_peer.py", "featurize"),
        "matmul" or "matmul-stock" or "encoder-start" or "lightgcn-start" or "lattice-rebuild" or "csv-cells" or "csv-interactions" or "json-cells" or "json-interactions" or "pictures-fetch" or "shop-core" or "featurize-refresh" or "compare" => null,
        _ when work.StartsWith("tune-update", StringComparison.Ordinal) => null,
        _ when work.StartsWith("clip-image", StringComparison.Ordinal) => null, // gpu-check.sh lays the blocks alone beside it
        _ when work.StartsWith("tokens-", StringComparison.Ordinal) || work.StartsWith("text-encode", StringComparison.Ordinal) => null,
        _ when work.EndsWith("-write", StringComparison.Ordinal) || work.EndsWith("-read", StringComparison.Ordinal) => null,
        _ => ("torch_peer.py", work),
    };
}
