using System.ComponentModel.DataAnnotations;

namespace LmmRec.Train.Tuning;

/// <summary>Low-rank updates (LoRA): what is trained is a small product that is added to a weight matrix, and nothing else (docs/encoders.md#low-rank-updates).</summary>
public sealed record LoraOptions
{
    /// <summary>The smaller side of both factors; default 8; 1 to 4096, and no more than the smaller side of a weight.</summary>
    [Range(1, 4096)]
    public int Rank { get; init; } = 8;

    /// <summary>The scale of an update times the rank; default 16; 0.001 to 1000000.</summary>
    [Range(1e-3, 1e6)]
    public double Alpha { get; init; } = 16;

    /// <summary>Names of weight matrices, in which <c>*</c> stands for any characters and <c>?</c> for one. Default: all.</summary>
    public string Weights { get; init; } = "*";
}
