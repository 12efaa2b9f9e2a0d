using LmmRec.Artifacts.Steps;

namespace LmmRec.Artifacts.Store;

/// <summary>
/// The artifacts of a workspace that others replaced: each lies whole, its unhashed files with it, in a folder named by its id until gc takes it. They move by
/// renaming, so that to keep one costs nothing but its disk.
/// </summary>
/// <param name="workspace">the workspace's folder</param>
public sealed class KeptArtifacts(string workspace)
{
    private readonly string _folder = Path.Combine(workspace, WorkspaceFolders.Kept);
    private readonly Lock _looking = new();
    private Dictionary<string, List<string>>? _byFingerprint; // folders, listed once, for every step of a run asks

    /// <summary>The folders of those that are there, by id.</summary>
    public IReadOnlyDictionary<string, string> Folders => !Directory.Exists(_folder) ? new Dictionary<string, string>() :
        Directory.EnumerateDirectories(_folder).Where(folder => !folder.EndsWith(FileSystem.Leaving, StringComparison.Ordinal)).ToDictionary(folder => Path.GetFileName(folder));

    /// <summary>Moves the artifact in <paramref name="replaced"/> here. One that is not whole, is here already, or equals the one in <paramref name="by"/> is deleted.</summary>
    internal void Keep(string replaced, string by)
    {
        if (IsWhole(replaced) && Manifest.IdOf(replaced) is { } id && id != Manifest.IdOf(by) && !Directory.Exists(PathOf(id)))
        {
            Directory.CreateDirectory(_folder);
            Directory.Move(replaced, PathOf(id));
            FileSystem.Flush(_folder);
            lock (_looking)
                if (_byFingerprint is not null) Add(PathOf(id), _byFingerprint);
        }
        else Directory.Delete(replaced, recursive: true);
    }

    /// <summary>The folder of the one that <paramref name="step"/>, which would run, takes back instead of making it again, as far as sizes tell; null: there is none.</summary>
    /// <param name="step">the step</param>
    /// <param name="state">why it would run</param>
    public string? Fitting(Step step, StepState state) => AllFitting(step, state).FirstOrDefault();

    /// <summary>The same for one that is whole by all its hashes.</summary>
    internal async Task<string?> FindAsync(Step step, StepState state, CancellationToken cancellation)
    {
        foreach (var folder in AllFitting(step, state))
            if ((await Verification.CheckAsync(folder, cancellation)).Count == 0) return folder;
        return null;
    }

    // The one that was made last first. One that runs again by the same recipe is to be made anew, as is a damaged one.
    private IEnumerable<string> AllFitting(Step step, StepState state) =>
        step.MakesPart || state.IsDamaged || Manifest.TryRead(step.Folder)?.Fingerprint == state.Recipe!.Fingerprint ? [] : Of(state.Recipe.Fingerprint)
            .Where(folder => Manifest.IfReadable(folder) is { } kept // one that was taken back has none there any more
                && Verification.MissingOrCutOff(folder, kept).Count == 0 && step.RunsAgain(folder) is null)
            .OrderByDescending(folder => File.GetLastWriteTimeUtc(Path.Combine(folder, Manifest.FileName))).ThenBy(folder => folder, StringComparer.Ordinal);

    private IReadOnlyList<string> Of(string fingerprint)
    {
        lock (_looking)
        {
            if (_byFingerprint is null)
            {
                _byFingerprint = [];
                foreach (var folder in Folders.Values) Add(folder, _byFingerprint);
            }
            return [.. _byFingerprint.GetValueOrDefault(fingerprint, [])];
        }
    }

    private static void Add(string folder, Dictionary<string, List<string>> to)
    {
        if (Manifest.IfReadable(folder) is not { SchemaVersion: Manifest.CurrentSchema } kept) return;
        if (!to.TryGetValue(kept.Fingerprint, out var folders)) to[kept.Fingerprint] = folders = [];
        folders.Add(folder);
    }

    private string PathOf(string id) => Path.Combine(_folder, id);

    private static bool IsWhole(string folder) => Manifest.IfReadable(folder) is { } manifest && Verification.MissingOrCutOff(folder, manifest).Count == 0;
}
