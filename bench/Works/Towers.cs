using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>
/// The blocks of CLIP's two towers and their projections, trained by image-text contrast: 12 blocks of 768 over 197 tokens, 12 of 512 over 77, or
/// the peer's small ones. No embeddings and no mask: tokens are drawn at random.
/// </summary>
internal sealed class Towers : Work
{
    private const int ImageTokens = 197, TextTokens = 77;

    private readonly TemporaryFolder _folder = new();
    private readonly RuntimeOptions _runtime;
    private readonly Batch _tokens;
    private TrainingSession? _session;

    public Towers(Arguments arguments, bool small, bool recompute)
    {
        var batch = arguments.Batch == 0 ? 8 : arguments.Batch;
        var (imageWidth, imageHeads, textWidth, textHeads, blocks) = small ? (256, 8, 256, 8, 4) : (768, 12, 512, 8, 12);
        What = $"{blocks} x {imageWidth} image + {blocks} x {textWidth} text towers, batch {batch}, ITC, forward + backward + Adam{(recompute ? ", recomputed" : "")}";
        var random = new SeededRandom(1);

        var g = new Graph("towers");
        var images = g.Input("images", ElementType.Float32, [batch, ImageTokens, imageWidth]);
        var texts = g.Input("texts", ElementType.Float32, [batch, TextTokens, textWidth]);
        var (vision, text) = (new TransformerSize { Width = imageWidth, Layers = blocks, Heads = imageHeads }, new TransformerSize { Width = textWidth, Layers = blocks, Heads = textHeads });
        var layers = new Layers(g);
        var image = Layers.Position(Clip.Blocks(layers, images, "visual.transformer", vision, mask: null), 0); // [B, 768]
        var end = Clip.Blocks(layers, texts, "transformer", text, mask: null).Split(1, TextTokens - 1, 1)[1].Squeeze(1);               // [B, 512]
        var i = Projected(layers, image, "visual.proj", textWidth);                                                              // [B, 512]
        var t = Projected(layers, end, "text_projection", textWidth);
        var logits = i.Gemm(t, transB: true, alpha: 14);                                                                        // [B, B]
        g.Output("loss", (Contrast(logits, batch) + Contrast(logits.Transpose(), batch)) / 2);
        TrainingArtifacts.Write(_folder.Path, recompute ? g.RecomputedByBlock() : g, new TrainingPlan(), random);
        _runtime = arguments.Runtime;
        _tokens = new Batch { ["images"] = Values.Normal(images.Shape, random), ["texts"] = Values.Normal(texts.Shape, random) };
        if (!recompute) Operations = OperationsOf(g, "loss", _tokens);
    }

    public override string What { get; }

    public override double Operations { get; } // where it is recomputed, 0: what is done twice is no use

    public override bool Multiplies => Operations > 0;

    public override void Open() => _session = TrainingSession.Open(_folder.Path, _runtime);

    public override void Run() => _session!.Step(_tokens, learningRate: 1e-5);

    public override void Dispose()
    {
        _session?.Dispose();
        _folder.Dispose();
    }

    /// <summary>x W of length 1: [B, W] → [B, J]</summary>
    private static Tensor Projected(Layers layers, Tensor x, string name, long joint) =>
        x.MatMul(layers.Parameter(name, Initializers.Normal(1 / Math.Sqrt(x.Shape[1].Value)), x.Shape[1].Value, joint)).Normalize();

    /// <summary>Cross entropy of each row against its own number.</summary>
    private static Tensor Contrast(Tensor logits, int batch)
    {
        var own = logits.Graph.Constant(TensorData.Of([.. Enumerable.Range(0, batch).Select(i => (long)i)], batch, 1)); // [B, 1]
        return -logits.LogSoftmax().GatherElements(own, 1).ReduceMean();
    }
}
