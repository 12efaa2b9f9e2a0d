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

    /// <summary>What differs between two workspaces, a line a file: which has it alone, or where its bytes part.</summary>
    public static IEnumerable<string> Differences(string expected, string actual)
    {
        var (left, right) = (Of(expected), Of(actual));
        foreach (var name in left.Keys.Union(right.Keys).Order(StringComparer.Ordinal))
            if (!right.TryGetValue(name, out var has)) yield return $"{name}: is missing";
            else if (!left.TryGetValue(name, out var wanted)) yield return $"{name}: is there, {new FileInfo(Path.Combine(actual, name)).Length} bytes, and should not be";
            else if (wanted != has) yield return $"{name}: {Parting(File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(actual, name)))}";
    }

    private static string Parting(byte[] expected, byte[] actual)
    {
        var at = expected.AsSpan().CommonPrefixLength(actual);
        return $"differs from byte {at} on, {expected.Length} and {actual.Length} bytes\n  {Around(expected, at)}\n  {Around(actual, at)}";
    }

    private static string Around(byte[] content, int at) =>
        string.Concat(System.Text.Encoding.ASCII.GetString(content.AsSpan(Math.Max(0, at - 80)..Math.Min(content.Length, at + 80))).Select(c => char.IsControl(c) ? ' ' : c));
}
