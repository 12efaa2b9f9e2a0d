using System.ComponentModel.DataAnnotations;

namespace LmmRec.Cli;

/// <summary>What a run may do. Changes no artifact.</summary>
public sealed record RunOptions
{
    /// <summary>
    /// The largest share of the time that finished artifacts took which may be spent again for changed options, code or encoders; more ends with exit code 6 before
    /// anything runs. Default: no limit. Range: 0 to 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? MostRedone { get; init; }
}
