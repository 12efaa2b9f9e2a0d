using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>An encoder that the user brings as <c>model.onnx</c>: the names of its inputs and outputs. Inputs take [B, 3, S, S] or [B, T], outputs give [B, F].</summary>
public sealed record OnnxArchitecture : IArchitecture
{
    /// <summary>Input of normalised pictures, float32 or float16.</summary>
    public string? Pixels { get; init; }

    /// <summary>Input of token ids, int64 or int32.</summary>
    public string? Ids { get; init; }

    /// <summary>Input that holds 1 for tokens and 0 for padding, of any of these types; null where the file has none.</summary>
    public string? Mask { get; init; }

    /// <summary>Input of token types, all 0; null where the file has none.</summary>
    public string? Types { get; init; }

    /// <summary>Output of visual vectors.</summary>
    public string? Visual { get; init; }

    /// <summary>Output of textual vectors.</summary>
    public string? Textual { get; init; }

    /// <summary>The names of the inputs and outputs that <paramref name="card"/>'s encoder has.</summary>
    internal static OnnxArchitecture Of(EncoderCard card) => card.Onnx ?? new OnnxArchitecture
    {
        Pixels = card.Image is null ? null : EncoderGraph.Pixels,
        Visual = card.Image is null ? null : EncoderGraph.Visual,
        Ids = card.Text is null ? null : EncoderGraph.Ids,
        Mask = card.Architecture.MasksPadding ? EncoderGraph.Mask : null,
        Textual = card.Text is null ? null : EncoderGraph.Textual,
    };

    /// <summary>The names of the inputs.</summary>
    internal IReadOnlyList<string> Inputs => [.. new[] { Pixels, Ids, Mask, Types }.OfType<string>()];

    /// <summary>The names of the outputs.</summary>
    internal IReadOnlyList<string> Outputs => [.. new[] { Visual, Textual }.OfType<string>()];

    bool IArchitecture.ReadsImages => Pixels is not null;

    bool IArchitecture.ReadsTexts => Ids is not null;

    bool IArchitecture.MasksPadding => Mask is not null;

    IReadOnlyList<string> IArchitecture.Features => ["output"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (Pixels is null && Ids is null) yield return ("onnx", "names no input; allowed are pixels, ids or both");
        if (Pixels is null != Visual is null) yield return ("onnx", "names only one of pixels and visual; they belong together");
        if (Ids is null != Textual is null) yield return ("onnx", "names only one of ids and textual; they belong together");
        if (Ids is null && (Mask ?? Types) is not null) yield return ("onnx", "names mask or types without ids");
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => false;

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, TokenTensors? text) =>
        throw new InvalidInputException($"the encoder is a file that the user brings, {Encoder.ModelFile}: there is no graph to build and no weights to import");
}
