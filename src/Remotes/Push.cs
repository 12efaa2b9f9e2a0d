using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>
/// Brings the artifacts of a workspace to a remote, and the records and tags of its runs. Only files that are not there travel; what refers to them is
/// written when all have arrived, so that nobody finds half an artifact.
/// </summary>
public static class Push
{
    /// <exception cref="InvalidInputException">There is nothing to push, a file is damaged, or the remote cannot be reached, is full or holds other things.</exception>
    public static async Task<Transfer> RunAsync(string workspace, IRemote remote, IProgressSink progress, CancellationToken cancellation)
    {
        var artifacts = Artifacts(workspace, progress);
        if (artifacts.Count == 0) throw new InvalidInputException($"workspace '{workspace}' holds no artifact; run 'lmmrec run' first, or name another with --workspace");
        await Layout.BeginAsync(remote, cancellation);
        var there = (await remote.FilesAsync(Layout.Objects, cancellation)).ToDictionary(file => file.Name, file => file.Bytes);

        var references = new List<(LocalArtifact Artifact, ArtifactReference Reference)>();
        var files = new Dictionary<string, OutgoingFile>();
        foreach (var artifact in artifacts)
        {
            var beside = new SortedDictionary<string, ManifestFile>(StringComparer.Ordinal);
            foreach (var name in artifact.Beside)
            {
                var file = await OutgoingFile.OfAsync(Path.Combine(artifact.Folder, name), cancellation);
                beside[name] = new ManifestFile(file.Bytes, file.Sha256);
                files.TryAdd(file.Sha256, file);
            }
            foreach (var (name, file) in artifact.Manifest.Files) files.TryAdd(file.Sha256, new OutgoingFile(Path.Combine(artifact.Folder, name), file.Sha256, file.Bytes));
            files.TryAdd(artifact.Id, OutgoingFile.Of(Path.Combine(artifact.Folder, Manifest.FileName), artifact.Json));
            references.Add((artifact, new ArtifactReference(artifact.Id, beside)));
        }

        using var task = progress.Start("push", files.Count);
        var tally = new Tally(task);
        await RemoteCalls.ForEachAsync(files.Values, SendAsync, cancellation);
        await RemoteCalls.ForEachAsync(references, ReferAsync, cancellation);
        await RunFiles.PushAsync(workspace, remote, progress, cancellation);
        return tally.Of(artifacts.Count);

        async Task SendAsync(OutgoingFile file, CancellationToken token)
        {
            var name = Layout.ObjectOf(file.Sha256);
            var known = there.TryGetValue(name, out var bytes);
            if (known && bytes == file.Bytes)
            {
                tally.WasThere(bytes);
                return;
            }
            if (known) progress.Note($"{name}: is damaged at {remote.Address}, where it has {bytes} bytes instead of {file.Bytes}; sent again");
            await remote.SendAsync(name, file, tally.Travelled, token);
            tally.Arrived();
        }

        async Task ReferAsync((LocalArtifact Artifact, ArtifactReference Reference) one, CancellationToken token)
        {
            var name = Layout.ReferenceOf(one.Artifact.Name);
            var file = Layout.ToFile(name, one.Reference);
            var former = await remote.TryReadAllAsync(name, token);
            if (former is not null && Hashing.OfBytes(former) == file.Sha256) return;
            await remote.SendAsync(name, file, _ => { }, token);
            progress.Note($"{one.Artifact.Name}: {(former is null ? "pushed" : "pushed, in the place of another version")}");
        }
    }

    private static List<LocalArtifact> Artifacts(string workspace, IProgressSink progress)
    {
        var artifacts = new List<LocalArtifact>();
        foreach (var artifact in LocalArtifact.NamesIn(workspace).Where(ArtifactName.IsOne).Select(name => LocalArtifact.Read(workspace, name)))
        {
            // What a failed step left from before is no result of it.
            if (FailedStep.IsUsable(artifact.Folder)) artifacts.Add(artifact);
            else progress.Note($"{artifact.Name}: is not pushed, since the last attempt to make it failed");
        }
        return artifacts;
    }
}
