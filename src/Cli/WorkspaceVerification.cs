using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Cli;

/// <summary>Recomputes the hash of every file of every artifact of a workspace, beside a run and on a read-only disk as well (docs/nightly.md#damaged-and-newer-artifacts).</summary>
internal static class WorkspaceVerification
{
    /// <summary>Says of each artifact whether it is whole, and what is to be done of those that are not.</summary>
    /// <returns>The exit code: failed where one is not.</returns>
    /// <exception cref="InvalidInputException">There is no artifact.</exception>
    public static async Task<int> RunAsync(string workspace, CancellationToken cancellation)
    {
        var folders = Verification.ArtifactsBelow(workspace);
        if (folders.Count == 0) throw new InvalidInputException($"workspace '{workspace}' holds no artifact; run 'lmmrec run' first, or name another with --workspace");
        var (judged, faults) = (0, 0);
        var toDo = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var name = Path.GetRelativePath(workspace, folder);
            var isKept = name.StartsWith(WorkspaceFolders.Kept + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            var isRead = !isKept && !name.Contains('~', StringComparison.Ordinal); // else it is a part of one that is to come
            if ((isRead ? await Verification.JudgeAsync(folder, name, cancellation) : (await Verification.CheckAsync(folder, cancellation), !Verification.IsNewer(folder))) is not { } verdict
                || !Directory.Exists(folder)) continue; // a run or gc took it away meanwhile
            (judged, faults) = (judged + 1, faults + verdict.Faults.Count);
            await Console.Out.WriteLineAsync($"{(verdict.Faults.Count == 0 ? "ok " : "BAD")} {name}{(isKept && Manifest.IfReadable(folder) is { } kept ? $" ({kept.Recipe.Step})" : "")}");
            foreach (var fault in verdict.Faults) await Console.Out.WriteLineAsync($"    {fault}");
            if (verdict.Faults.Count > 0 && verdict.AreKept) toDo.Add(isKept ? "of those in kept, which no run takes back, delete the folders" : "no step reads the bad ones, and 'lmmrec run' makes them again");
        }
        await Console.Out.WriteLineAsync($"artifacts: {judged}, faults: {faults}{string.Concat(toDo.Select(what => $"; {what}"))}");
        return faults == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
