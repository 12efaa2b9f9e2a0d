using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>Sizes of a transformer.</summary>
public sealed record TransformerSize : IChecked
{
    /// <summary>Width of the residual stream.</summary>
    [Required, Range(8, 16384)]
    public int Width { get; init; }

    /// <summary>Blocks.</summary>
    [Required, Range(1, 256)]
    public int Layers { get; init; }

    /// <summary>Attention heads; divides the width.</summary>
    [Required, Range(1, 256)]
    public int Heads { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Heads > 0 && Width % Heads != 0) yield return ("heads", $"{Heads} does not divide the width {Width}");
    }
}

/// <summary>
/// Sizes of a CLIP (docs/encoders.md#clip). Picture size, context length and vocabulary are those of the card's image and text sections.
/// </summary>
public sealed record ClipArchitecture : IArchitecture
{
    /// <summary>Dimensions of the joint space.</summary>
    [Required, Range(1, 16384)]
    public int Joint { get; init; }

    /// <summary>Side of a patch in pixels.</summary>
    [Required, Range(1, 256)]
    public int Patch { get; init; }

    /// <summary>The visual tower.</summary>
    [Required]
    public TransformerSize Vision { get; init; } = new();

    /// <summary>The textual tower.</summary>
    [Required]
    public TransformerSize Text { get; init; } = new();

    bool IArchitecture.ReadsImages => true;

    bool IArchitecture.ReadsTexts => true;

    bool IArchitecture.MasksPadding => false;

    bool IArchitecture.IgnoresPadding => true; // no token sees what comes after it

    bool IArchitecture.ReadsAtLargestId => true;

    /// <summary>joint: projected, 512/512 for B/16; hidden: before the projection, 768/512 (docs/encoders.md#features).</summary>
    IReadOnlyList<string> IArchitecture.Features => ["joint", "hidden"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (card.Image?.FaultOfPatches(Patch) is { } fault) yield return ("clip.patch", fault);
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => parameter == "logit_scale";

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text)
    {
        var clip = new Clip(layers, card);
        _ = clip.LogitScale; // no feature needs it, but fine-tuning goes on from it
        var image = pixels is null ? null : clip.Image(pixels);
        var texts = text is null ? null : clip.Text(text.Ids);
        return card.Feature == "hidden" ? new FeatureTensors(image?.Hidden, texts?.Hidden) : new FeatureTensors(image?.Joint, texts?.Joint);
    }

    IEnumerable<ContrastTensors> IArchitecture.Contrasts(Layers layers, EncoderCard card, Tensor pixels, TokenTensors text)
    {
        var clip = new Clip(layers, card);
        yield return new ContrastTensors(clip.Image(pixels).Joint, clip.Text(text.Ids).Joint, clip.LogitScale);
    }
}
