using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>The 12 blocks of CLIP ViT-B/16's image tower over 197 tokens, forward only, as the encoder itself builds them; rounded to 8 bits it runs item by item.</summary>
internal sealed class VitForward : Work
{
    private const int Tokens = 197;

    private readonly InferenceModel _model;
    private readonly Batch _tokens;
    private readonly int _runs;

    public VitForward(Arguments arguments, bool rounded)
    {
        var batch = arguments.Batch == 0 ? 8 : arguments.Batch;
        var size = new TransformerSize { Width = 768, Layers = 12, Heads = 12 };
        double width = size.Width;
        Operations = 2 * size.Layers * batch * Tokens * (12 * width * width + 2 * Tokens * width); // projections 3 + 1, perceptron 4 + 4; scores and their mix
        What = $"{size.Layers} x {size.Width} image tower, {batch} x {Tokens} tokens, no gradient{(rounded ? ", 8 bits, item by item" : "")}";
        (_runs, batch) = rounded ? (batch, 1) : (1, batch);
        var card = new EncoderCard
        {
            Clip = new ClipArchitecture { Joint = 512, Patch = 16, Vision = size, Text = size },
            Image = new ImagePreprocessing(),
            Text = new TextTokenization { File = "unused", Vocabulary = 8, Length = 8 },
        };
        var random = new SeededRandom(1);
        var graph = Build(null);
        graph.Initialize(random);
        if (rounded)
        {
            var values = graph.Parameters.ToDictionary(p => p.Name, p => p.Value!);
            graph = Build(values);
            foreach (var parameter in graph.Parameters) parameter.Set(values[parameter.Name]);
        }
        _model = InferenceModel.Open(graph, arguments.Runtime);
        _tokens = new Batch { ["tokens"] = Values.Normal([batch, Tokens, size.Width], random) };

        Graph Build(IReadOnlyDictionary<string, TensorData>? weights)
        {
            var g = new Graph("vit");
            g.Output("hidden", new Clip(new Layers(g, weights), card).ImageBlocks(g.Input("tokens", ElementType.Float32, [batch, Tokens, size.Width])));
            return g;
        }
    }

    public override string What { get; }

    public override double Operations { get; }

    public override bool Multiplies => true;

    public override void Run()
    {
        for (var run = 0; run < _runs; run++) _model.Run(_tokens);
    }

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
