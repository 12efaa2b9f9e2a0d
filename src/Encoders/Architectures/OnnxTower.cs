using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Encoders.Architectures;

/// <summary>How the vectors of an item's tokens become one (docs/encoders.md#pooling).</summary>
public enum Pooling
{
    /// <summary>The output holds one vector per item.</summary>
    None,

    /// <summary>That of the first token.</summary>
    Cls,

    /// <summary>The mean over all tokens that are not padding.</summary>
    Mean,

    /// <summary>That of the last token that is not padding.</summary>
    Last,
}

/// <summary>The part of an ONNX file that encodes pictures or texts: where it lies, what it is fed, and what becomes of its output.</summary>
public sealed record OnnxTower : IChecked
{
    /// <summary>The file, relative to the card's folder, with <c>/</c> between folders. Both towers may name the same one.</summary>
    [Required]
    public string File { get; init; } = "";

    /// <summary>Input of normalised pictures [B, 3, H, W] or [B, H, W, 3], or of token ids [B, T].</summary>
    [Required]
    public string Input { get; init; } = "";

    /// <summary>Input that holds 1 for tokens and 0 for padding [B, T]; null where the file has none.</summary>
    public string? Mask { get; init; }

    /// <summary>Input of token types, all 0 [B, T]; null where the file has none.</summary>
    public string? Types { get; init; }

    /// <summary>The output: [B, F], behind which axes of size 1 may stand, or [B, tokens, F] with a <see cref="Pooling"/>.</summary>
    [Required]
    public string Output { get; init; } = "";

    /// <summary>How the vectors of tokens become one. Default: none.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>How many of the vector's first numbers are kept, of encoders that were trained for it (Matryoshka); null: all.</summary>
    [Range(1, 65536)]
    public int? Dimensions { get; init; }

    /// <summary>Whether the vector, after <see cref="Dimensions"/>, is brought to length 1.</summary>
    public bool UnitLength { get; init; }

    /// <summary>The names of the inputs.</summary>
    internal IReadOnlyList<string> Inputs => [.. new[] { Input, Mask, Types }.OfType<string>()];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (File != "" && !BareFileName.IsBelow(File))
            yield return ("file", $"'{File}' is not allowed; name a file in the card's folder or below it, with '/' between folders, such as onnx/model.onnx");
    }
}
