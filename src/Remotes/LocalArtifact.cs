using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>A finished artifact of the workspace.</summary>
/// <param name="Name">its folder below the workspace, folders parted by <c>/</c></param>
/// <param name="Folder">its folder</param>
/// <param name="Json">the bytes of its manifest</param>
/// <param name="Manifest">what they say</param>
internal sealed record LocalArtifact(string Name, string Folder, byte[] Json, Manifest Manifest)
{
    /// <summary>Hash of the manifest.</summary>
    public string Id { get; } = Hashing.OfBytes(Json);

    /// <summary>The artifacts of the workspace, those that a later run replaced among them, in order of their names.</summary>
    /// <exception cref="InvalidInputException">A manifest is none.</exception>
    public static IEnumerable<LocalArtifact> Of(string workspace) => Verification.ArtifactsBelow(workspace)
        .Select(folder => (Name: Path.GetRelativePath(workspace, folder).Replace(Path.DirectorySeparatorChar, '/'), Folder: folder))
        .Where(artifact => !artifact.Name.Contains('~', StringComparison.Ordinal)) // of unfinished work
        .Select(artifact => TryRead(workspace, artifact.Name)).OfType<LocalArtifact>();

    /// <summary>The artifact at <paramref name="name"/>; null: there is none.</summary>
    /// <exception cref="InvalidInputException">The manifest is none.</exception>
    public static LocalArtifact? TryRead(string workspace, string name)
    {
        var folder = Path.Combine(workspace, name);
        var path = Path.Combine(folder, Manifest.FileName);
        if (!File.Exists(path)) return null;
        var json = File.ReadAllBytes(path);
        return new LocalArtifact(name, folder, json, Manifest.Parse(json, path));
    }

    /// <summary>Whether it lies where a step put it, not among those that a later run replaced.</summary>
    public bool IsCurrent => ArtifactName.IsOne(Name);

    /// <summary>The files that the manifest does not list: timings and the like.</summary>
    public IEnumerable<string> Beside => Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Where(name => !Manifest.IsHashed(name)).Order(StringComparer.Ordinal);
}
