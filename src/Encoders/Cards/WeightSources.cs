using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Encoders.Cards;

/// <summary>Where an encoder's weights come from: drawn from a seed, or imported from public files.</summary>
public sealed record WeightSources : IChecked
{
    /// <summary>Seed of random weights; null: the weights must be imported.</summary>
    public long? Seed { get; init; }

    /// <summary>Public files that hold the weights, any one of which will do.</summary>
    public IReadOnlyList<RemoteFile> Sources { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Seed is not null && Sources.Count > 0) yield return ("", "has both seed and sources; allowed one of them");
    }
}

/// <summary>A public file.</summary>
public sealed partial record RemoteFile : IChecked
{
    /// <summary>Its https address.</summary>
    [Required]
    public string Url { get; init; } = "";

    /// <summary>SHA-256 of its content, lower-case hexadecimal; null where it is not known.</summary>
    public string? Sha256 { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps) yield return ("url", $"'{Url}' is no https address");
        if (Sha256 is not null && !Hexadecimal().IsMatch(Sha256)) yield return ("sha256", $"'{Sha256}' is not 64 lower-case hexadecimal digits");
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Hexadecimal();
}
