using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>
/// Brings artifacts of a remote to a workspace, each whole or not at all, and in the order in which they were made. One that is here already is left
/// alone. What an interrupted pull fetched lies beside the artifact's folder, as any unfinished work does, and is not fetched again.
/// </summary>
public sealed class Pull
{
    private readonly string _workspace;
    private readonly IRemote _remote;
    private readonly bool _takesRuns;
    private readonly IReadOnlyList<RemoteArtifact> _artifacts;

    private Pull(string workspace, IRemote remote, bool takesRuns, IReadOnlyList<RemoteArtifact> artifacts) =>
        (_workspace, _remote, _takesRuns, _artifacts) = (workspace, remote, takesRuns, artifacts);

    /// <summary>The folders that it writes to, below the workspace, for locks.</summary>
    public IReadOnlyList<string> Writes => [.. _artifacts.Select(artifact => ArtifactName.StageFolderOf(artifact.Name)).Append(_takesRuns ? Layout.Runs : null).OfType<string>().Distinct()];

    /// <summary>Looks what there is to pull, and writes nothing.</summary>
    /// <param name="workspace">the workspace's folder</param>
    /// <param name="remote">where the artifacts are</param>
    /// <param name="kind">one of <see cref="ArtifactName.Kinds"/>: the artifacts of this kind, and what they were made from; null: all, and the records of runs</param>
    /// <param name="cancellation">ends it</param>
    /// <exception cref="InvalidInputException">The remote cannot be read, or has none of this kind.</exception>
    public static async Task<Pull> PlanAsync(string workspace, IRemote remote, string? kind, CancellationToken cancellation)
    {
        await Layout.RequireAsync(remote, cancellation);
        var all = await RemoteArtifact.AllAsync(workspace, remote, cancellation);
        var wanted = all.Where(artifact => kind is null || ArtifactName.KindOf(artifact.Name) == kind).ToHashSet();
        if (wanted.Count == 0)
            throw new InvalidInputException($"{remote.Address}: holds no {kind ?? "artifact"}{(all.Count == 0 ? "" : $"; it holds: {string.Join(", ", all.Select(artifact => ArtifactName.KindOf(artifact.Name)).Distinct())}")}");
        wanted = Provenance.Closure(wanted, all, artifact => artifact.Manifest);
        return new Pull(workspace, remote, kind is null, [.. all.Where(wanted.Contains)]);
    }

    /// <summary>Brings them; nobody else may write to <see cref="Writes"/> meanwhile.</summary>
    /// <param name="progress">hears how far it is</param>
    /// <param name="beforeCommit">is called right before an artifact takes its place; throws where somebody else may write there by now</param>
    /// <param name="cancellation">ends it; what has come stays</param>
    /// <exception cref="InvalidInputException">The remote cannot be read, or an object is missing or damaged.</exception>
    /// <exception cref="NewerVersionException">An artifact that would be replaced was written by a newer lmmrec; nothing was pulled.</exception>
    public async Task<Transfer> RunAsync(IProgressSink progress, Action beforeCommit, CancellationToken cancellation)
    {
        Verification.RefuseNewer(_artifacts.Select(artifact => Path.Combine(_workspace, artifact.Name)));
        using var task = progress.Start("pull", _artifacts.Sum(artifact => artifact.Files.Select(file => file.Value.Sha256).Distinct().Count()));
        var tally = new Tally(task);
        var fetching = new Fetching(_remote, LocalArtifact.NamesIn(_workspace).Select(name => LocalArtifact.TryRead(_workspace, name)).OfType<LocalArtifact>(), tally);
        foreach (var artifact in _artifacts) await BringAsync(artifact, fetching, tally, progress, beforeCommit, cancellation);
        if (_takesRuns) await RunFiles.PullAsync(_workspace, _remote, progress, cancellation);
        return tally.Of(_artifacts.Count);
    }

    private async Task BringAsync(RemoteArtifact artifact, Fetching fetching, Tally tally, IProgressSink progress, Action beforeCommit, CancellationToken cancellation)
    {
        var folder = Path.Combine(_workspace, artifact.Name);
        var here = LocalArtifact.TryRead(_workspace, artifact.Name);
        var objects = artifact.Files.ToLookup(file => file.Value.Sha256);
        if (here?.Id == artifact.Reference.Id && Verification.MissingOrCutOff(folder, artifact.Manifest).Count == 0)
        {
            foreach (var file in objects) tally.WasThere(file.First().Value.Bytes);
            FailedStep.Forget(folder);
            return;
        }
        var writer = new ArtifactWriter(folder, artifact.Manifest.Recipe, artifact.Reference.Id, new KeptArtifacts(_workspace));
        try
        {
            await RemoteCalls.ForEachAsync(objects, (file, token) => fetching.BringAsync(file.Key, file.First().Value.Bytes, writer.Unfinished, [.. file.Select(same => same.Key)], token), cancellation);
            foreach (var (name, _) in artifact.Files) writer.Adopt(name);
            beforeCommit();
            writer.Commit(artifact.Json);
        }
        catch
        {
            writer.Discard();
            throw;
        }
        FailedStep.Forget(folder);
        fetching.Knows(LocalArtifact.TryRead(_workspace, artifact.Name)!);
        progress.Note($"{artifact.Name}: {(here is null ? "pulled" : here.Id == artifact.Reference.Id ? "pulled again, as files of it were missing or cut off" : "pulled, in the place of another version, which is kept")}");
    }
}
