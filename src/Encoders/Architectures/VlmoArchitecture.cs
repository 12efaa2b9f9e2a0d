using System.ComponentModel.DataAnnotations;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// Sizes of a VLMo (docs/encoders.md#vlmo). Picture size, text length and vocabulary are those of the card's image and text sections.
/// </summary>
public sealed record VlmoArchitecture : IArchitecture
{
    private static readonly string[] Undecayed = ["bias", "LayerNorm.weight", "norm.weight", "norm1.weight", "norm2.weight"];

    /// <summary>The transformer that both modalities share.</summary>
    [Required]
    public TransformerSize Transformer { get; init; } = new();

    /// <summary>Side of a patch in pixels.</summary>
    [Required, Range(1, 256)]
    public int Patch { get; init; }

    /// <summary>First block (0-based) with a vision-language expert.</summary>
    [Required, Range(0, 256)]
    public int FusionStart { get; init; }

    /// <summary>Base and Large: a relative position bias in place of positional embeddings, and layer scale. Base-Plus has neither.</summary>
    public bool Relative { get; init; }

    bool IArchitecture.ReadsImages => true;

    bool IArchitecture.ReadsTexts => true;

    bool IArchitecture.MasksPadding => true;

    bool IArchitecture.IgnoresPadding => true;

    /// <summary>The class token after the last normalisation, before it, or projected for contrast (docs/encoders.md#features).</summary>
    IReadOnlyList<string> IArchitecture.Features => ["post_norm", "pre_norm", "itc"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (card.Image?.FaultOfPatches(Patch) is { } fault) yield return ("vlmo.patch", fault);
        if (FusionStart > Transformer.Layers) yield return ("vlmo.fusionStart", $"{FusionStart} is beyond the {Transformer.Layers} blocks");
        if (Relative && card.Text is { Length: > RelativePositions.LongestText })
            yield return ("text.length", $"{card.Text.Length} is too long for vlmo.relative, whose table of positions holds texts of up to {RelativePositions.LongestText} tokens");
    }

    // The paths that the feature does not need: a file may come without their weights (docs/encoders.md#vlmos-weights).
    bool IArchitecture.IsOptional(string parameter, EncoderCard card) =>
        parameter.StartsWith("pooler.", StringComparison.Ordinal) || (parameter.StartsWith("itc_", StringComparison.Ordinal) && !IsFeature(parameter, card)) || parameter.StartsWith("itm_", StringComparison.Ordinal)
        || parameter.StartsWith("mlm_", StringComparison.Ordinal) || parameter.StartsWith("logit_", StringComparison.Ordinal);

    // The heads that make the contrastive vector; those behind the vision-language experts do not.
    private static bool IsFeature(string parameter, EncoderCard card) => card.Feature == "itc"
        && (parameter.StartsWith("itc_image_proj.", StringComparison.Ordinal) || parameter.StartsWith("itc_text_proj.", StringComparison.Ordinal));

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text)
    {
        var vlmo = new Vlmo(layers, card);
        var image = pixels is null ? null : vlmo.Image(pixels);
        var texts = text is null ? null : vlmo.Text(text);
        if (pixels is not null && text is not null) DeclareHeads(vlmo, pixels, text, image!, texts!);
        return card.Feature switch
        {
            "pre_norm" => new FeatureTensors(image?.PreNorm, texts?.PreNorm),
            "itc" => new FeatureTensors(image is null ? null : vlmo.Contrastive(image), texts is null ? null : vlmo.Contrastive(texts)),
            _ => new FeatureTensors(image?.PostNorm, texts?.PostNorm),
        };
    }

    IEnumerable<ContrastTensors> IArchitecture.Contrasts(Layers layers, EncoderCard card, Tensor pixels, TokenTensors text)
    {
        var vlmo = new Vlmo(layers, card);
        var (image, texts) = (vlmo.Image(pixels), vlmo.Text(text));
        yield return new ContrastTensors(vlmo.Contrastive(image), vlmo.Contrastive(texts), vlmo.LogitScale);
        yield return new ContrastTensors(vlmo.ContrastiveVl(image), vlmo.ContrastiveVl(texts), vlmo.LogitVlScale);
    }

    // By the authors' list of names, literally: norm2_text, norm2_imag and norm2_vl are not in it.
    bool IArchitecture.Decays(string parameter, int rank) => rank > 0 && !Undecayed.Any(name => parameter.Contains(name, StringComparison.Ordinal));

    // No feature needs them, but fine-tuning goes on from their weights; a graph file leaves their nodes out.
    private static void DeclareHeads(Vlmo vlmo, Tensor pixels, TokenTensors tokens, Vlmo.Output image, Vlmo.Output text)
    {
        var fused = vlmo.Fused(tokens, pixels);
        _ = (vlmo.MatchLogits(vlmo.Pooled(fused)), vlmo.WordLogits(fused), vlmo.Contrastive(image), vlmo.Contrastive(text));
        _ = (vlmo.ContrastiveVl(image), vlmo.ContrastiveVl(text), vlmo.LogitScale, vlmo.LogitVlScale);
    }
}
