using LmmRec.Artifacts.Store;

namespace LmmRec.EndToEnd;

/// <summary>What is the same in two workspaces in which the same was run.</summary>
internal static class WorkspaceContent
{
    // They tell when what was done, or by whom.
    private static readonly string[] Histories = [WorkspaceFolders.Runs, WorkspaceFolders.Kept, WorkspaceFolders.Locks];

    /// <summary>The hashes of all files of the workspace by path, half-written ones too, but for those that differ from run to run.</summary>
    public static SortedDictionary<string, string> Of(string workspace) => new(
        Directory.EnumerateFiles(workspace, "*", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(workspace, path)))
            .Where(file => Manifest.IsHashed(Path.GetFileName(file.Name)) && !Histories.Contains(file.Name.Split('/')[0]))
            .ToDictionary(file => file.Name, file => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.Path)))),
        StringComparer.Ordinal);
}
