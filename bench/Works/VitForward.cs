using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>The 12 blocks of CLIP ViT-B/16's image tower over 197 tokens, forward only, as the encoder itself builds them.</summary>
internal sealed class VitForward : Work
{
    private const int Tokens = 197;

    private readonly InferenceModel _model;
    private readonly Batch _tokens;

    public VitForward(Arguments arguments, bool rounded)
    {
        var batch = arguments.Batch == 0 ? 8 : arguments.Batch;
        var size = new TransformerSize { Width = 768, Layers = 12, Heads = 12 };
        double width = size.Width;
        Operations = 2 * size.Layers * batch * Tokens * (12 * width * width + 2 * Tokens * width); // projections 3 + 1, perceptron 4 + 4; scores and their mix
        What = $"{size.Layers} x {size.Width} image tower, {batch} x {Tokens} tokens, no gradient{(rounded ? ", 8 bits" : "")}";
        var random = new SeededRandom(1);
        var graph = new Graph("vit");
        graph.Output("hidden", Clip.Blocks(new Layers(graph), graph.Input("tokens", ElementType.Float32, [batch, Tokens, size.Width]), "visual.transformer", size, mask: null));
        graph.Initialize(random);
        _model = InferenceModel.Open(rounded ? EightBit.Rewrite(graph) : graph, arguments.Runtime);
        _tokens = new Batch { ["tokens"] = Values.Normal([batch, Tokens, size.Width], random) };
    }

    public override string What { get; }

    public override double Operations { get; }

    public override bool Multiplies => true;

    public override void Run() => _model.Run(_tokens);

    public override void Dispose() => _model.Dispose();
}

/// <summary>The widest layer of that tower at batch 8, by our own product or by ONNX Runtime's: what the forward pass could reach.</summary>
internal sealed class MatrixProduct : Work
{
    private const int Rows = 8 * 197, Inner = 768, Columns = 3072;

    private readonly InferenceModel _model;
    private readonly Batch _input;

    public MatrixProduct(Arguments arguments, bool kernels)
    {
        var random = new SeededRandom(1);
        var graph = new Graph("matmul");
        var x = graph.Input("x", ElementType.Float32, [Rows, Inner]);
        graph.Output("y", x.Linear(graph.Parameter("w", [Columns, Inner], Initializers.Normal(1))).Slice(0, 0, 1)); // a row, as copying all of it out is no multiplication
        graph.Initialize(random);
        _model = InferenceModel.Open(graph, arguments.Runtime with { Kernels = kernels });
        _input = new Batch { ["x"] = Values.Normal(x.Shape, random) };
    }

    public override string What => $"Gemm {Rows} x {Inner} x {Columns}";

    public override double Operations => 2.0 * Rows * Inner * Columns;

    public override bool Multiplies => true;

    public override void Run() => _model.Run(_input);

    public override void Dispose() => _model.Dispose();
}
