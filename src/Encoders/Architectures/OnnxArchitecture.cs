using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>An encoder that the user brings as <c>model.onnx</c>: the names of its inputs and outputs. Inputs take [B, 3, S, S] or [B, T], outputs give [B, F].</summary>
public sealed record OnnxArchitecture : IArchitecture
{
    /// <summary>The names in the files that are written here.</summary>
    internal static OnnxArchitecture Own { get; } = new() { Pixels = EncoderGraph.Pixels, Ids = EncoderGraph.Ids, Visual = EncoderGraph.Visual, Textual = EncoderGraph.Textual };

    /// <summary>Input of normalised pictures, float32.</summary>
    public string? Pixels { get; init; }

    /// <summary>Input of token ids, int64.</summary>
    public string? Ids { get; init; }

    /// <summary>Input that holds 1 for tokens and 0 for padding, int64; null where the file has none.</summary>
    public string? Mask { get; init; }

    /// <summary>Input of token types, int64, all 0; null where the file has none.</summary>
    public string? Types { get; init; }

    /// <summary>Output of visual vectors.</summary>
    public string? Visual { get; init; }

    /// <summary>Output of textual vectors.</summary>
    public string? Textual { get; init; }

    bool IArchitecture.ReadsImages => Pixels is not null;

    bool IArchitecture.ReadsTexts => Ids is not null;

    IReadOnlyList<string> IArchitecture.Features => ["output"];

    IEnumerable<(string Key, string Fault)> IArchitecture.Faults(EncoderCard card)
    {
        if (Pixels is null && Ids is null) yield return ("onnx", "names no input; allowed are pixels, ids or both");
        if (Pixels is null != Visual is null) yield return ("onnx", "names only one of pixels and visual; they belong together");
        if (Ids is null != Textual is null) yield return ("onnx", "names only one of ids and textual; they belong together");
        if (Ids is null && (Mask ?? Types) is not null) yield return ("onnx", "names mask or types without ids");
    }

    bool IArchitecture.IsOptional(string parameter, EncoderCard card) => false;

    FeatureTensors IArchitecture.Forward(Layers layers, EncoderCard card, Tensor? pixels, Tensor? ids) =>
        throw new InvalidInputException($"the encoder is a file that the user brings, {Encoder.ModelFile}: there is no graph to build and no weights to import");
}
