using LmmRec.Artifacts.Steps;

namespace LmmRec.Artifacts.Store;

/// <summary>Recomputes every hash of finished artifacts.</summary>
public static class Verification
{
    /// <summary>The finished artifacts below <paramref name="root"/>, by folder, in order of their paths.</summary>
    public static IReadOnlyList<string> ArtifactsBelow(string root) => !Directory.Exists(root) ? [] :
        [.. Directory.EnumerateFiles(root, Manifest.FileName, SearchOption.AllDirectories)
            .Select(path => Path.GetDirectoryName(path)!)
            .Where(folder => !folder.EndsWith(ArtifactWriter.Writing, StringComparison.Ordinal) && !folder.EndsWith(ArtifactWriter.Previous, StringComparison.Ordinal)
                && !Path.GetRelativePath(root, folder).Split(Path.DirectorySeparatorChar).Any(around => around.EndsWith(FileSystem.Leaving, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)];

    /// <summary>Checks one artifact against its manifest.</summary>
    /// <returns>One line per fault: a file that is missing, changed or not in the manifest; none when the artifact is whole.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(string folder, CancellationToken cancellation)
    {
        Manifest manifest;
        try
        {
            manifest = Manifest.Read(folder);
        }
        catch (InvalidInputException e)
        {
            return [e.Message];
        }
        var faults = new List<string>();
        if (manifest.Fingerprint != manifest.Recipe.Fingerprint)
            faults.Add($"{Path.Combine(folder, Manifest.FileName)}: the fingerprint is not that of the recipe; the manifest was changed");
        if (manifest.Content != Manifest.ContentOf(manifest.Files))
            faults.Add($"{Path.Combine(folder, Manifest.FileName)}: the content hash is not that of the files listed; the manifest was changed");
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (await FaultAsync(folder, path, expected, cancellation) is { } fault) faults.Add($"{path}: {fault}");
        }
        faults.AddRange(Files(folder)
            .Where(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/') is var name
                && name != Manifest.FileName && Manifest.IsHashed(name) && !manifest.Files.ContainsKey(name))
            .Order(StringComparer.Ordinal)
            .Select(path => $"{path}: is not in the manifest"));
        return faults;
    }

    /// <summary>Checks an artifact that steps read, and keeps beside it what is wrong with it, so that no step reads it and its own makes it again; or that nothing is any more.</summary>
    /// <param name="folder">the artifact's folder; one that a run replaces meanwhile is judged anew</param>
    /// <param name="name">what the user is shown as its name</param>
    /// <param name="cancellation">ends the reading</param>
    /// <returns>The faults, and whether they are kept, which they are not of a newer lmmrec's artifact and on a disk that cannot be written; null: it is not there any more.</returns>
    public static async Task<(IReadOnlyList<string> Faults, bool AreKept)?> JudgeAsync(string folder, string name, CancellationToken cancellation)
    {
        while (true)
        {
            var id = Manifest.IdOf(folder);
            if (id is null && !Directory.Exists(folder)) return null;
            var faults = await CheckAsync(folder, cancellation);
            if (Manifest.IdOf(folder) != id) continue;
            if (IsNewer(folder)) return (faults, false);
            try
            {
                Mark(folder, name, faults);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return ([.. faults, $"{FailedStep.PathOf(folder)}: cannot be written, so that steps go on reading the artifact: {e.Message}"], false);
            }
            if (Manifest.IdOf(folder) == id) return (faults, true);
        }
    }

    private static void Mark(string folder, string name, IReadOnlyList<string> faults)
    {
        if (faults.Count > 0) new FailedStep(name, FailedStep.Damaged, $"found by 'lmmrec verify': {string.Join("; ", faults)}").Write(folder);
        else if (FailedStep.TryRead(folder) is { Cause: FailedStep.Damaged }) FailedStep.Forget(folder);
    }

    /// <summary>Whether a newer lmmrec wrote the artifact, so that nobody here can judge it.</summary>
    public static bool IsNewer(string folder)
    {
        try
        {
            RefuseNewer([folder]);
            return false;
        }
        catch (NewerVersionException)
        {
            return true;
        }
    }

    /// <summary>Refuses what a newer lmmrec wrote, before anything is read or overwritten; what cannot be read at all is made again by its own step.</summary>
    /// <exception cref="NewerVersionException">Names the first of these folders that holds such an artifact.</exception>
    public static void RefuseNewer(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                _ = Manifest.TryRead(folder);
            }
            catch (InvalidInputException e) when (e is not NewerVersionException)
            {
                continue;
            }
        }
    }

    /// <summary>One line per file that is not there or has another size: cheap to compare, and catches what was deleted or cut off.</summary>
    public static IReadOnlyList<string> MissingOrCutOff(string folder, Manifest manifest) =>
        [.. manifest.Files.Where(f => new FileInfo(Path.Combine(folder, f.Key)) is var file && (!file.Exists || file.Length != f.Value.Bytes))
            .Select(f => $"{f.Key} is missing or damaged")];

    /// <summary>The manifest of a finished artifact with all its files, for readers that take whatever files there are.</summary>
    /// <exception cref="InvalidInputException">There is none, another version wrote it, or files are not as the manifest says.</exception>
    public static Manifest RequireWhole(string folder)
    {
        var manifest = Manifest.Read(folder);
        if (manifest.SchemaVersion != Manifest.CurrentSchema)
            throw new InvalidInputException(
                $"{folder}: is of schema version {manifest.SchemaVersion}, written by another lmmrec; "
                + $"this one reads version {Manifest.CurrentSchema}: run the stage that writes it again");
        return MissingOrCutOff(folder, manifest) is { Count: > 0 } faults
            ? throw new InvalidInputException($"{folder}: {string.Join("; ", faults)}; run the stage that writes it again")
            : manifest;
    }

    // None where somebody took it away meanwhile.
    private static string[] Files(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static async Task<string?> FaultAsync(string folder, string path, ManifestFile expected, CancellationToken cancellation)
    {
        // A manifest made elsewhere may name anything; only the artifact's own files are opened.
        if (!Path.GetFullPath(path).StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return "lies outside the artifact";
        try
        {
            if (!File.Exists(path)) return "is missing";
            var bytes = new FileInfo(path).Length;
            if (bytes != expected.Bytes) return $"has {bytes} bytes; the manifest says {expected.Bytes}";
            var hash = await Hashing.OfFileAsync(path, cancellation);
            return hash == expected.Sha256 ? null : $"has SHA-256 {hash}; the manifest says {expected.Sha256}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }
}
