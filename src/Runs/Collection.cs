using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Runs;

/// <summary>A kept artifact that nothing needs any more.</summary>
/// <param name="Folder">where it lies</param>
/// <param name="Step">what made it</param>
/// <param name="Bytes">its size on disk</param>
public sealed record CollectedArtifact(string Folder, string Step, long Bytes);

/// <summary>A folder that a killed process left and nobody goes on with.</summary>
/// <param name="Folder">where it lies</param>
/// <param name="Bytes">its size on disk</param>
public sealed record Leftover(string Folder, long Bytes);

/// <summary>What gc takes out of a workspace. Nobody else may write to it between the plan and its end.</summary>
/// <param name="Workspace">the workspace's folder</param>
/// <param name="Runs">whose records go</param>
/// <param name="Artifacts">kept ones that go</param>
/// <param name="Leftovers">what else goes</param>
public sealed record Collection(string Workspace, IReadOnlyList<RunRecord> Runs, IReadOnlyList<CollectedArtifact> Artifacts, IReadOnlyList<Leftover> Leftovers)
{
    /// <summary>What it frees.</summary>
    public long Bytes => Artifacts.Sum(artifact => artifact.Bytes) + Leftovers.Sum(leftover => leftover.Bytes);

    /// <summary>
    /// Plans it: the last runs and all tagged ones stay, with every artifact that they or the workspace of today hold, and all that these were made from.
    /// </summary>
    /// <param name="workspace">the workspace's folder</param>
    /// <param name="keepRuns">how many runs stay, beside those that have a tag</param>
    /// <exception cref="InvalidInputException">A manifest or a record cannot be read, so that nobody knows what it needs.</exception>
    public static Collection Plan(string workspace, int keepRuns)
    {
        var store = new RunStore(workspace);
        var (runs, tagged) = (store.List(), store.Tags().Values.ToHashSet());
        var staying = runs.TakeLast(keepRuns).Concat(runs.Where(run => tagged.Contains(run.Id) || run.State == RunState.Running)).DistinctBy(run => run.Id).ToList();
        var going = runs.ExceptBy(staying.Select(run => run.Id), run => run.Id).ToList();

        var kept = new KeptArtifacts(workspace).Folders;
        var keptFolders = kept.Values.ToHashSet();
        List<(string Folder, Manifest Manifest)> all = [.. Verification.ArtifactsBelow(workspace).Select(folder => (folder, Manifest.Read(folder)))];
        var held = staying.SelectMany(run => run.Steps).Select(step => step.Artifact).OfType<string>().ToHashSet();
        var needed = Provenance.Closure(all.Where(artifact => !keptFolders.Contains(artifact.Folder) || held.Contains(Path.GetFileName(artifact.Folder))), all, artifact => artifact.Manifest);
        return new Collection(
            workspace, going,
            [.. all.Where(artifact => keptFolders.Contains(artifact.Folder) && !needed.Contains(artifact)).Select(artifact => new CollectedArtifact(artifact.Folder, artifact.Manifest.Recipe.Step, SizeOf(artifact.Folder)))],
            [.. Unfinished(workspace).Where(folder => !IsSomebodys(folder, workspace, staying)).Concat(keptFolders.Except(all.Select(artifact => artifact.Folder))) // without a manifest it is no artifact
                .Order(StringComparer.Ordinal).Select(folder => new Leftover(folder, SizeOf(folder)))]);
    }

    /// <summary>Carries it out. Killed in between, nothing that is half deleted looks whole, and the next one deletes the rest.</summary>
    /// <param name="fence">throws when others may write to the workspace again</param>
    /// <param name="cancellation">ends it</param>
    public void Run(Action fence, CancellationToken cancellation)
    {
        var store = new RunStore(Workspace);
        fence();
        foreach (var run in Runs) store.Delete(run);
        foreach (var folder in Artifacts.Select(artifact => artifact.Folder).Concat(Leftovers.Select(leftover => leftover.Folder)))
        {
            cancellation.ThrowIfCancellationRequested();
            fence();
            FileSystem.Remove(folder);
        }
    }

    // What is being written or deleted, or may be gone on with; nothing within another of them.
    private static IEnumerable<string> Unfinished(string around) => Directory.EnumerateDirectories(around).SelectMany(folder =>
        new[] { ArtifactWriter.Writing, ArtifactWriter.UnfinishedWork, FileSystem.Leaving }.Any(end => folder.EndsWith(end, StringComparison.Ordinal)) ? [folder] : Unfinished(folder));

    // Unfinished work is that of a run which stays and did not bring that step to its end, or whose step it holds, such as a part that waits for the others.
    private static bool IsSomebodys(string folder, string workspace, List<RunRecord> staying)
    {
        if (!folder.EndsWith(ArtifactWriter.UnfinishedWork, StringComparison.Ordinal)) return false;
        var name = Path.GetRelativePath(workspace, folder).Replace(Path.DirectorySeparatorChar, '/');
        return staying.SelectMany(run => run.Steps).Any(step => (step.Folder + ArtifactWriter.UnfinishedWork == name && !step.IsDone) || step.Folder.StartsWith(name + '/', StringComparison.Ordinal));
    }

    private static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
