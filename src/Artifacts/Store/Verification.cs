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
        if (!manifest.IsUnchanged)
            faults.Add($"{Path.Combine(folder, Manifest.FileName)}: the content hash is not that of the files listed; the manifest was changed");
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (await FaultAsync(folder, path, expected, cancellation) is { } fault) faults.Add($"{path}: {fault}");
        }
        faults.AddRange(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/') is var name
                && name != Manifest.FileName && Manifest.IsHashed(name) && !manifest.Files.ContainsKey(name))
            .Order(StringComparer.Ordinal)
            .Select(path => $"{path}: is not in the manifest"));
        return faults;
    }

    /// <summary>Keeps beside an artifact what is wrong with it, so that no step reads it and its own makes it again; or that nothing is any more.</summary>
    /// <param name="folder">the artifact's folder</param>
    /// <param name="name">what the user is shown as its name</param>
    /// <param name="faults">what is wrong; none: it is whole</param>
    public static void Mark(string folder, string name, IReadOnlyList<string> faults)
    {
        if (faults.Count > 0) new FailedStep(name, FailedStep.Damaged, $"found by 'lmmrec verify': {string.Join("; ", faults)}").Write(folder);
        else if (FailedStep.TryRead(folder) is { Cause: FailedStep.Damaged }) FailedStep.Forget(folder);
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
