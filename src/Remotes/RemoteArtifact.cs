using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>An artifact of a remote. Nothing of it is trusted before it was checked.</summary>
/// <param name="Name">its folder below the workspace, folders parted by <c>/</c></param>
/// <param name="Reference">what the remote says of it</param>
/// <param name="Json">the bytes of its manifest</param>
/// <param name="Manifest">what they say</param>
internal sealed record RemoteArtifact(string Name, ArtifactReference Reference, byte[] Json, Manifest Manifest)
{
    /// <summary>All artifacts of the remote, in the order in which they are made from each other. The manifest of one that is here as well is not fetched.</summary>
    /// <exception cref="InvalidInputException">The remote cannot be read, or holds what lmmrec did not write.</exception>
    public static async Task<IReadOnlyList<RemoteArtifact>> AllAsync(string workspace, IRemote remote, CancellationToken cancellation)
    {
        var files = await remote.FilesAsync(Layout.Artifacts, cancellation);
        var all = new List<RemoteArtifact>();
        await RemoteCalls.ForEachAsync(files.Select(file => Layout.ArtifactOf(file.Name)).OfType<string>(), async (name, token) =>
        {
            if (await ReadAsync(workspace, remote, name, token) is not { } artifact) return;
            lock (all) all.Add(artifact);
        }, cancellation);
        return [.. all.OrderBy(artifact => ArtifactName.OrderOf(artifact.Name)).ThenBy(artifact => artifact.Name, StringComparer.Ordinal)];
    }

    /// <summary>The files to bring, those that the manifest does not list among them.</summary>
    public IEnumerable<KeyValuePair<string, ManifestFile>> Files => Manifest.Files.Concat(Reference.Beside);

    private static async Task<RemoteArtifact?> ReadAsync(string workspace, IRemote remote, string name, CancellationToken cancellation)
    {
        var where = $"{remote.Address}: {Layout.ReferenceOf(name)}";
        if (!ArtifactName.IsOne(name)) throw new InvalidInputException($"{where}: names no artifact that lmmrec makes; delete it there, or use the lmmrec that wrote it");
        if (await remote.TryReadAllAsync(Layout.ReferenceOf(name), cancellation) is not { } text) return null; // deleted meanwhile
        var reference = Layout.Parse<ArtifactReference>(where, text);
        if (!Hashing.IsOne(reference.Id)) throw new InvalidInputException($"{where}: '{reference.Id}' is no hash of a manifest; push it again from where it is whole");
        var json = LocalArtifact.TryRead(workspace, name) is { } here && here.Id == reference.Id ? here.Json
            : await remote.TryReadAllAsync(Layout.ObjectOf(reference.Id), cancellation)
                ?? throw new InvalidInputException($"{where}: its manifest, {Layout.ObjectOf(reference.Id)}, is not there; push it again from where it is whole");
        if (Hashing.OfBytes(json) is var hash && hash != reference.Id)
            throw await Damage.TakeAwayAsync(remote, Layout.ObjectOf(reference.Id), hash, cancellation);
        var manifest = Manifest.Parse(json, $"{remote.Address}: {Layout.ObjectOf(reference.Id)}");
        if (manifest.SchemaVersion > Manifest.CurrentSchema)
            throw new InvalidInputException($"{where}: was written by a newer lmmrec (schema version {manifest.SchemaVersion}; this one knows {Manifest.CurrentSchema}); pull with that one");
        if (!manifest.IsUnchanged) throw new InvalidInputException($"{where}: the manifest was changed, its hashes are not those of the recipe and the files listed; push it again from where it is whole");
        foreach (var (file, (bytes, sha256, _)) in manifest.Files.Concat(reference.Beside))
            if (!ArtifactName.IsSafe(file) || bytes < 0 || !Hashing.IsOne(sha256) || Manifest.IsHashed(file) != manifest.Files.ContainsKey(file) || file == Manifest.FileName)
                throw new InvalidInputException($"{where}: lists '{file}', of {bytes} bytes and hash '{sha256}', which is no file that an artifact can have; push it again from where it is whole");
        return new RemoteArtifact(name, reference, json, manifest);
    }
}
