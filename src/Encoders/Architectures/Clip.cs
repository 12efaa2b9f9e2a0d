using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>CLIP's forward pass (docs/encoders.md#clip). Parameters carry the names and shapes of OpenAI's files.</summary>
public sealed class Clip
{
    private const double Epsilon = 1e-5;

    private readonly Layers _layers;
    private readonly ClipArchitecture _sizes;
    private readonly EncoderCard _card;

    /// <summary>A CLIP of the sizes of <paramref name="card"/> in <paramref name="graph"/>.</summary>
    public Clip(Graph graph, EncoderCard card) : this(new Layers(graph), card)
    {
    }

    internal Clip(Layers layers, EncoderCard card)
    {
        _layers = layers;
        _card = card;
        _sizes = card.Clip ?? throw new ArgumentException("the card is of no CLIP", nameof(card));
    }

    /// <summary>ln of the temperature's inverse, of rank 0; starts at ln(1/0.07).</summary>
    public Tensor LogitScale => _layers.Parameter("logit_scale", Initializers.Constant(MathF.Log(1 / 0.07f)));

    /// <summary>What a tower gives for each picture or text.</summary>
    /// <param name="Hidden">[B, width]: class or end token after the last normalisation</param>
    /// <param name="Joint">[B, joint]: projected, not normalised</param>
    public sealed record Output(Tensor Hidden, Tensor Joint);

    /// <summary>The visual tower.</summary>
    /// <param name="pixels">[B, 3, S, S]</param>
    public Output Image(Tensor pixels)
    {
        var (width, size) = ((long)_sizes.Vision.Width, _card.Image!.Width / _sizes.Patch);
        var normal = Initializers.Normal(1 / Math.Sqrt(width));
        var x = _layers.Patches(pixels, "visual.conv1", _sizes.Patch, width, normal, bias: false);            // [B, N, W]
        x = _layers.Prepend(_layers.Parameter("visual.class_embedding", normal, width), x);                   // [B, N + 1, W]
        x += _layers.Parameter("visual.positional_embedding", normal, size * size + 1, width);
        x = _layers.LayerNorm(x, "visual.ln_pre", Epsilon);
        x = Blocks(_layers, x, "visual.transformer", _sizes.Vision, mask: null);
        var hidden = _layers.LayerNorm(Layers.Position(x, 0), "visual.ln_post", Epsilon);                     // [B, W]
        return new Output(hidden, hidden.MatMul(_layers.Parameter("visual.proj", normal, width, _sizes.Joint))); // [B, J]
    }

    /// <summary>The textual tower.</summary>
    /// <param name="ids">[B, T], T up to the context length; the end marker is the largest id of a row</param>
    public Output Text(Tensor ids)
    {
        var (width, length) = ((long)_sizes.Text.Width, (long)_card.Text!.Length);
        var x = _layers.Embedding(ids, "token_embedding.weight", _card.Text.Vocabulary, width, Initializers.Normal(0.02)); // [B, T, W]
        x += _layers.Parameter("positional_embedding", Initializers.Normal(0.01), length, width).FirstOf(0, ids, 1);
        x = Blocks(_layers, x, "transformer", _sizes.Text, CausalMask((int)length).FirstOf(0, ids, 1).FirstOf(1, ids, 1));
        x = _layers.LayerNorm(x, "ln_final", Epsilon);
        // As floats, because ONNX Runtime has no ArgMax of int64; ids are far below 2²⁴, so none is rounded.
        var end = ids.Cast(ElementType.Float32).ArgMax(1, keepDims: true).Unsqueeze(2);                       // [B, 1, 1]
        var hidden = x.GatherElements(end.Expand(x.Slice(1, 0, 1).ShapeTensor()), 1).Squeeze(1);              // [B, W]
        return new Output(hidden, hidden.MatMul(_layers.Parameter("text_projection", Initializers.Normal(1 / Math.Sqrt(width)), width, _sizes.Joint))); // [B, J]
    }

    /// <summary>A tower's blocks, without embedding and projection: [B, T, W] → the same.</summary>
    internal static Tensor Blocks(Layers layers, Tensor x, string name, TransformerSize size, Tensor? mask)
    {
        for (var i = 0; i < size.Layers; i++) x = Block(layers, x, $"{name}.resblocks.{i}", size, mask);
        return x;
    }

    private static Tensor Block(Layers layers, Tensor x, string name, TransformerSize size, Tensor? mask)
    {
        long width = size.Width;
        var (attention, hidden) = (Initializers.Normal(1 / Math.Sqrt(width)), Initializers.Normal(1 / Math.Sqrt(2 * width)));
        var residual = Initializers.Normal(1 / Math.Sqrt(width * 2.0 * size.Layers));
        var y = layers.LayerNorm(x, $"{name}.ln_1", Epsilon);
        var qkv = layers.Linear(y, $"{name}.attn.in_proj_weight", $"{name}.attn.in_proj_bias", 3 * width, attention).Split(2, width, width, width); // 3 × [B, T, W]
        x += layers.Linear(Layers.Attention(qkv[0], qkv[1], qkv[2], size.Heads, mask), $"{name}.attn.out_proj", width, residual);
        y = layers.Linear(layers.LayerNorm(x, $"{name}.ln_2", Epsilon), $"{name}.mlp.c_fc", 4 * width, hidden).QuickGelu();
        return x + layers.Linear(y, $"{name}.mlp.c_proj", width, residual);
    }

    // Position p sees positions up to p.
    private Tensor CausalMask(int length)
    {
        var mask = new float[length * length];
        for (var p = 0; p < length; p++) mask.AsSpan(p * length + p + 1, length - p - 1).Fill(float.NegativeInfinity);
        return _layers.Graph.Constant(TensorData.Of(mask, length, length), "causal_mask");                    // [T, T]
    }
}
