using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// VLMo's forward passes (docs/encoders.md#vlmo): one attention for both modalities, experts for pictures, texts and, in the last blocks, both.
/// Parameters carry the names and shapes of the authors' files.
/// </summary>
public sealed class Vlmo
{
    private const double Epsilon = 1e-6, TextEpsilon = 1e-12;
    private const string ImageExpert = "imag", TextExpert = "text", FusionExpert = "vl";
    private static readonly Initializer Normal = Initializers.Normal(0.02);

    private readonly Layers _layers;
    private readonly VlmoArchitecture _sizes;
    private readonly TextTokenization _text;
    private readonly int _patches;
    private readonly RelativePositions? _relative;

    /// <summary>A VLMo of the sizes of <paramref name="card"/> in <paramref name="graph"/>.</summary>
    public Vlmo(Graph graph, EncoderCard card) : this(new Layers(graph), card)
    {
    }

    internal Vlmo(Layers layers, EncoderCard card)
    {
        _layers = layers;
        _sizes = card.Vlmo ?? throw new ArgumentException("the card is of no VLMo", nameof(card));
        _text = card.Text!;
        var grid = card.Image!.Width / _sizes.Patch;
        _patches = grid * grid;
        if (_sizes.Relative) _relative = new RelativePositions(_layers, _sizes.Transformer, grid, _text.Length);
    }

    /// <summary>ln of the inverse temperature of the contrast on expert-path vectors, of rank 0.</summary>
    public Tensor LogitScale => _layers.Parameter("logit_scale", Initializers.Constant(MathF.Log(1 / 0.07f)));

    /// <summary>The same for vectors that went through the vision-language experts.</summary>
    public Tensor LogitVlScale => _layers.Parameter("logit_vl_scale", Initializers.Constant(MathF.Log(1 / 0.07f)));

    /// <summary>What the path of one modality gives for each picture or text.</summary>
    /// <param name="PreNorm">[B, W]: first token of the last block</param>
    /// <param name="PostNorm">[B, W]: the same after the last normalisation</param>
    /// <param name="BeforeFusion">[B, tokens, W]: all tokens before the first block that has a vision-language expert</param>
    /// <param name="Modality">whose path it is</param>
    public sealed record Output(Tensor PreNorm, Tensor PostNorm, Tensor BeforeFusion, Modality Modality);

    /// <summary>What differs between the paths of pictures and of texts.</summary>
    /// <param name="Name">name of the projections for contrast</param>
    /// <param name="Expert">name of the experts</param>
    /// <param name="Relative">position bias of each block, if the model has one</param>
    /// <param name="Mask">−∞ where nothing is to be seen [B, 1, 1, tokens]; null: everything is seen</param>
    public sealed record Modality(string Name, string Expert, IReadOnlyList<Tensor>? Relative, Tensor? Mask);

    /// <summary>The path of pictures.</summary>
    /// <param name="pixels">[B, 3, S, S]</param>
    public Output Image(Tensor pixels) => Path(EmbedImage(pixels), new Modality("image", ImageExpert, _relative?.Image, null));

    /// <summary>The path of texts.</summary>
    public Output Text(TokenTensors text) => Path(EmbedText(text.Ids), new Modality("text", TextExpert, Shortened(_relative?.Text, text.Ids), Layers.PaddingMask(text.Mask)));

    /// <summary>The vector for contrast on the expert path, not normalised: [B, W].</summary>
    public Tensor Contrastive(Output path) => Project(path.PostNorm, $"itc_{path.Modality.Name}_proj");

    /// <summary>The class token of a path that goes on from <see cref="Output.BeforeFusion"/> through the vision-language experts, after the last
    /// normalisation: [B, W].</summary>
    public Tensor ThroughFusion(Output path)
    {
        var x = path.BeforeFusion;
        for (var i = _sizes.FusionStart; i < _sizes.Transformer.Layers; i++) x = Expert(Attend(x, i, path.Modality.Relative, path.Modality.Mask), i, FusionExpert);
        return Layers.Position(Norm(x, "transformer.norm"), 0);
    }

    /// <summary>The vector for contrast after <see cref="ThroughFusion"/>, not normalised: [B, W].</summary>
    public Tensor ContrastiveVl(Output path) => Project(ThroughFusion(path), $"itc_vl_{path.Modality.Name}_proj");

    /// <summary>Text and picture together, text first, after the last normalisation: [B, T + N + 1, W].</summary>
    public Tensor Fused(TokenTensors text, Tensor pixels)
    {
        var unseen = Layers.PaddingMask(text.Mask);                                                            // [B, 1, 1, T]
        var seen = unseen.Slice(3, 0, 1);                                                                      // the class token is no padding
        var mask = _layers.Graph.Concat(3, unseen, seen.Expand(_layers.Graph.Integers(1, 1, 1, _patches + 1))); // [B, 1, 1, T + N + 1]
        var x = _layers.Graph.Concat(1, EmbedText(text.Ids), EmbedImage(pixels));                                   // [B, T + N + 1, W]
        for (var i = 0; i < _sizes.Transformer.Layers; i++)
        {
            x = Attend(x, i, _relative?.Fused, mask);
            x = i >= _sizes.FusionStart
                ? Expert(x, i, FusionExpert)
                : _layers.Graph.Concat(1, Expert(x.Slice(1, 0, _text.Length), i, TextExpert), Expert(x.Slice(1, _text.Length), i, ImageExpert));
        }
        return Norm(x, "transformer.norm");
    }

    /// <summary>tanh of the projected first token: [B, W].</summary>
    /// <param name="fused">[B, T + N + 1, W]</param>
    public Tensor Pooled(Tensor fused) => _layers.Linear(Layers.Position(fused, 0), "pooler.dense", _sizes.Transformer.Width, Normal).Tanh();

    /// <summary>Whether text and picture match: [B, 2]; class 1 says yes.</summary>
    /// <param name="pooled">[B, W]</param>
    public Tensor MatchLogits(Tensor pooled) => _layers.Linear(pooled, "itm_score.fc", 2, Normal);

    /// <summary>Which word stood at each position of the text: [B, T, vocabulary].</summary>
    /// <param name="fused">[B, T + N + 1, W]</param>
    public Tensor WordLogits(Tensor fused)
    {
        var x = _layers.Linear(fused.Slice(1, 0, _text.Length), "mlm_score.transform.dense", _sizes.Transformer.Width, Normal).Gelu();
        x = _layers.LayerNorm(x, "mlm_score.transform.LayerNorm", TextEpsilon);
        return _layers.Linear(x, "mlm_score.decoder", _text.Vocabulary, Normal, bias: false) + _layers.Parameter("mlm_score.bias", Initializers.Zeros, _text.Vocabulary);
    }

    private Output Path(Tensor x, Modality modality)
    {
        var beforeFusion = x;
        for (var i = 0; i < _sizes.Transformer.Layers; i++)
        {
            x = Expert(Attend(x, i, modality.Relative, modality.Mask), i, modality.Expert);
            if (i < _sizes.FusionStart) beforeFusion = x;
        }
        return new Output(Layers.Position(x, 0), Layers.Position(Norm(x, "transformer.norm"), 0), beforeFusion, modality);
    }

    // The bias of positions that ids [B, T] have.
    private static List<Tensor>? Shortened(IReadOnlyList<Tensor>? relative, Tensor ids) => relative?.Select(bias => bias.FirstOf(1, ids, 1).FirstOf(2, ids, 1)).ToList();

    private Tensor Attend(Tensor x, int block, IReadOnlyList<Tensor>? relative, Tensor? mask)
    {
        var (name, width) = ($"transformer.blocks.{block}", (long)_sizes.Transformer.Width);
        var qkv = _layers.Linear(Norm(x, $"{name}.norm1"), $"{name}.attn.qkv", 3 * width, Normal, bias: false).Split(2, width, width, width);
        var q = qkv[0] + _layers.Parameter($"{name}.attn.q_bias", Initializers.Zeros, width);                  // keys have no bias
        var v = qkv[2] + _layers.Parameter($"{name}.attn.v_bias", Initializers.Zeros, width);
        var bias = relative is null ? mask : mask is null ? relative[block] : relative[block] + mask;          // [B or 1, H, tokens, tokens]
        var y = Layers.Attention(q, qkv[1], v, _sizes.Transformer.Heads, bias);
        return x + Scaled(_layers.Linear(y, $"{name}.attn.proj", width, Normal), $"{name}.gamma_1");
    }

    private Tensor Expert(Tensor x, int block, string expert)
    {
        var (name, width) = ($"transformer.blocks.{block}", (long)_sizes.Transformer.Width);
        var y = _layers.Linear(Norm(x, $"{name}.norm2_{expert}"), $"{name}.mlp_{expert}.fc1", 4 * width, Normal).Gelu();
        return x + Scaled(_layers.Linear(y, $"{name}.mlp_{expert}.fc2", width, Normal), $"{name}.gamma_2");
    }

    private Tensor Scaled(Tensor branch, string gamma) =>
        _sizes.Relative ? branch * _layers.Parameter(gamma, Initializers.Constant(0.1f), _sizes.Transformer.Width) : branch;

    private Tensor EmbedText(Tensor ids)
    {
        var width = _sizes.Transformer.Width;
        var x = _layers.Embedding(ids, "text_embeddings.word_embeddings.weight", _text.Vocabulary, width, Normal)
            + Row("text_embeddings.token_type_embeddings.weight", 0);                                          // [B, T, W]
        if (!_sizes.Relative) x += _layers.Parameter("text_embeddings.position_embeddings.weight", Normal, _text.Length, width).FirstOf(0, ids, 1);
        return _layers.LayerNorm(x, "text_embeddings.LayerNorm", TextEpsilon) + Row("token_type_embeddings.weight", 0);
    }

    private Tensor EmbedImage(Tensor pixels)
    {
        var width = _sizes.Transformer.Width;
        var x = _layers.Patches(pixels, "transformer.patch_embed.proj", _sizes.Patch, width, Normal, bias: true);
        x = _layers.Prepend(_layers.Parameter("transformer.cls_token", Normal, 1, 1, width), x);               // [B, N + 1, W]
        if (!_sizes.Relative) x += _layers.Parameter("transformer.pos_embed", Normal, 1, _patches + 1, width);
        return x + Row("token_type_embeddings.weight", 1);
    }

    private Tensor Row(string table, int row) => _layers.Parameter(table, Normal, 2, _sizes.Transformer.Width).Slice(0, row, row + 1); // [1, W]

    private Tensor Norm(Tensor x, string name) => _layers.LayerNorm(x, name, Epsilon);

    private Tensor Project(Tensor x, string name) => _layers.Linear(x, $"{name}.fc", _sizes.Transformer.Width, Normal, bias: false);
}
