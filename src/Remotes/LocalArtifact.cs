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

    /// <summary>The names of the workspace's artifacts, those that a later run replaced among them, in order.</summary>
    public static IEnumerable<string> NamesIn(string workspace) => Verification.ArtifactsBelow(workspace)
        .Select(folder => Path.GetRelativePath(workspace, folder).Replace(Path.DirectorySeparatorChar, '/'))
        .Where(name => !name.Contains('~', StringComparison.Ordinal)); // of unfinished work

    /// <summary>The artifact at <paramref name="name"/>; null: there is none, or its manifest cannot be read.</summary>
    public static LocalArtifact? TryRead(string workspace, string name)
    {
        try
        {
            return File.Exists(Path.Combine(workspace, name, Manifest.FileName)) ? Read(workspace, name) : null;
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }

    /// <summary>The artifact at <paramref name="name"/>.</summary>
    /// <exception cref="InvalidInputException">Its manifest is none, or was changed by hand.</exception>
    public static LocalArtifact Read(string workspace, string name)
    {
        var folder = Path.Combine(workspace, name);
        var path = Path.Combine(folder, Manifest.FileName);
        var json = File.ReadAllBytes(path);
        var manifest = Manifest.Parse(json, path);
        return manifest.IsUnchanged ? new LocalArtifact(name, folder, json, manifest)
            : throw new InvalidInputException($"{path}: was changed, its hashes are not those of the recipe and the files listed; delete the folder and run its stage again");
    }

    /// <summary>The files that the manifest does not list: timings and the like.</summary>
    public IEnumerable<string> Beside => Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Where(name => !Manifest.IsHashed(name)).Order(StringComparer.Ordinal);
}
