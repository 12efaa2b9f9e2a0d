using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>An encoder that comes as ONNX files: a tower for pictures, one for texts, or both.</summary>
public sealed record OnnxArchitecture : IArchitecture
{
    /// <summary>What encodes pictures; absent where the encoder reads none.</summary>
    public OnnxTower? Visual { get; init; }

    /// <summary>What encodes texts; absent where the encoder reads none.</summary>
    public OnnxTower? Textual { get; init; }

    /// <summary>The towers that <paramref name="card"/>'s encoder runs: the card's, or those that an import of our own architectures writes.</summary>
    internal static OnnxArchitecture Of(EncoderCard card) => card.Onnx ?? new OnnxArchitecture
    {
        Visual = card.Image is null ? null : new OnnxTower { File = Encoder.VisualFile, Input = EncoderGraph.Pixels, Output = EncoderGraph.Visual },
        Textual = card.Text is null ? null : new OnnxTower
        {
            File = Encoder.TextualFile,
            Input = EncoderGraph.Ids,
            Mask = card.Architecture.MasksPadding ? EncoderGraph.Mask : null,
            Output = EncoderGraph.Textual,
        },
    };

    /// <summary>The towers that there are.</summary>
    internal IReadOnlyList<OnnxTower> Towers => [.. new[] { Visual, Textual }.OfType<OnnxTower>()];

    bool IArchitecture.ReadsImages => Visual is not null;

    bool IArchitecture.ReadsTexts => Textual is not null;

    bool IArchitecture.MasksPadding => Textual?.Mask is not null;

    bool IArchitecture.IgnoresPadding => Textual?.Mask is not null;

    IReadOnlyList<string> IArchitecture.Features => ["output"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (Visual is null && Textual is null) yield return ("onnx", "names no tower; allowed are visual, textual or both");
        if (Visual?.Mask is not null) yield return ("onnx.visual.mask", "is not allowed: only texts have padding");
        if (Visual?.Types is not null) yield return ("onnx.visual.types", "is not allowed: only texts have token types");
        if (Visual?.Pooling == Pooling.Last) yield return ("onnx.visual.pooling", "'last' is not allowed: only texts have a last token; allowed: none, cls, mean");
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => false;

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text) =>
        throw new InvalidInputException($"the encoder comes as ONNX files ({string.Join(", ", Towers.Select(t => t.File).Distinct())}): there is no graph to build and no weights to import");
}
