using LmmRec.Artifacts;
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
        var image = Tower(images, "image", imageHeads, blocks, recompute).Split(1, 1, ImageTokens - 1)[0].Squeeze(1);                        // [B, 768]
        var text = Tower(texts, "text", textHeads, blocks, recompute).Split(1, TextTokens - 1, 1)[1].Squeeze(1);         // [B, 512]
        var i = Linear(image, "image/projection", textWidth).Normalize();                                                       // [B, 512]
        var t = Linear(text, "text/projection", textWidth).Normalize();
        var logits = i.Gemm(t, transB: true, alpha: 14);                                                                        // [B, B]
        g.Output("loss", (Contrast(logits, batch) + Contrast(logits.Transpose(), batch)) / 2);
        TrainingArtifacts.Write(_folder.Path, g, new TrainingPlan(), random);
        _runtime = arguments.Runtime;
        _tokens = new Batch { ["images"] = Values.Normal(images.Shape, random), ["texts"] = Values.Normal(texts.Shape, random) };
    }

    public override string What { get; }

    public override void Open() => _session = TrainingSession.Open(_folder.Path, _runtime);

    public override void Run() => _session!.Step(_tokens, learningRate: 1e-5);

    public override void Dispose()
    {
        _session?.Dispose();
        _folder.Dispose();
    }

    private static Tensor Tower(Tensor x, string name, int heads, int blocks, bool recompute)
    {
        for (var b = 0; b < blocks; b++)
        {
            using var scope = x.Graph.Scope($"{name}/block_{b}");
            using var block = recompute ? x.Graph.Recomputed() : null;
            x = Block(x, $"{name}/block_{b}", heads);
        }
        return x;
    }

    /// <summary>[B, T, W] → [B, T, W]</summary>
    private static Tensor Block(Tensor x, string name, int heads)
    {
        var (b, t, w) = (x.Shape[0], x.Shape[1], x.Shape[2]);
        var head = w.Value / heads;
        var qkv = Linear(Norm(x, $"{name}/norm1"), $"{name}/qkv", 3 * w.Value).Kept().Reshape([b, t, 3, heads, head]).Transpose(2, 0, 3, 1, 4); // [3, B, H, T, W/H]
        var parts = qkv.Split(0, 1, 1, 1).Select(part => part.Squeeze(0)).ToArray();                                                    // [B, H, T, W/H] each
        var attention = (parts[0].MatMul(parts[1].TransposeLast()) * (1 / Math.Sqrt(head))).Softmax();                                   // [B, H, T, T]
        var mixed = attention.MatMul(parts[2]).Transpose(0, 2, 1, 3).Reshape([b, t, w]);
        x += Linear(mixed, $"{name}/out", w.Value).Kept();
        return x + Linear(Linear(Norm(x, $"{name}/norm2"), $"{name}/up", 4 * w.Value).QuickGelu(), $"{name}/down", w.Value);
    }

    private static Tensor Linear(Tensor x, string name, long outputs)
    {
        var inputs = x.Shape[^1].Value;
        return x.Linear(
            x.Graph.Parameter($"{name}.weight", [outputs, inputs], Initializers.Linear(inputs)),
            x.Graph.Parameter($"{name}.bias", [outputs], Initializers.Linear(inputs)));
    }

    private static Tensor Norm(Tensor x, string name) => x.LayerNormalization(
        x.Graph.Parameter($"{name}.scale", [x.Shape[^1]], Initializers.Ones),
        x.Graph.Parameter($"{name}.bias", [x.Shape[^1]], Initializers.Zeros));

    /// <summary>Cross entropy of each row against its own number.</summary>
    private static Tensor Contrast(Tensor logits, int batch)
    {
        var own = logits.Graph.Constant(TensorData.Of([.. Enumerable.Range(0, batch).Select(i => (long)i)], batch, 1)); // [B, 1]
        return -logits.LogSoftmax().GatherElements(own, 1).ReduceMean();
    }
}
