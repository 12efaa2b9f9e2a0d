using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Runs;

namespace LmmRec.Remotes;

/// <summary>
/// Records and tags of runs. A record travels once its run has ended, and never changes then; a tag goes where it was set last, which is where a push or
/// a pull comes from. Which one ended last, latest.json, is each machine's own matter.
/// </summary>
internal static class RunFiles
{
    private const string Json = ".json", Latest = $"{Layout.Runs}/{RunStore.Latest}{Json}";

    public static async Task PushAsync(string workspace, IRemote remote, IProgressSink progress, CancellationToken cancellation)
    {
        var runs = Path.Combine(workspace, Layout.Runs);
        if (!Directory.Exists(runs)) return;
        var names = Directory.EnumerateFiles(runs, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(workspace, path).Replace(Path.DirectorySeparatorChar, '/'));
        await RemoteCalls.ForEachAsync(names.Where(IsOne).Order(StringComparer.Ordinal), async (name, token) =>
        {
            var content = await File.ReadAllBytesAsync(Path.Combine(workspace, name), token);
            if (!IsWhole(name, content)) return;
            var there = await remote.TryReadAllAsync(name, token);
            if (Replaces(name, there, content, remote.Address, progress)) await remote.SendAsync(name, OutgoingFile.Of(name, content), _ => { }, token);
        }, cancellation);
    }

    public static async Task PullAsync(string workspace, IRemote remote, IProgressSink progress, CancellationToken cancellation)
    {
        var names = (await remote.FilesAsync(Layout.Runs, cancellation)).Select(file => file.Name).Where(IsOne).Order(StringComparer.Ordinal);
        await RemoteCalls.ForEachAsync(names, async (name, token) =>
        {
            var path = Path.Combine(workspace, name);
            if (await remote.TryReadAllAsync(name, token) is not { } content) return; // deleted meanwhile
            if (!IsWhole(name, content))
            {
                progress.Note($"{name}: is left there, since it is no tag or record of a run that has ended, or was written by a newer lmmrec");
                return;
            }
            var here = File.Exists(path) ? await File.ReadAllBytesAsync(path, token) : null;
            if (!Replaces(name, here, content, "this workspace", progress)) return;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            FileSystem.WriteAtomically(path, stream => stream.Write(content));
        }, cancellation);
    }

    // Names from elsewhere become paths here.
    private static bool IsOne(string name) => name != Latest && !name.EndsWith(".writing", StringComparison.Ordinal) && ArtifactName.IsSafe(name)
        && name[..Math.Max(0, name.LastIndexOf('/'))] is var folder && ((folder == Layout.Runs && name.EndsWith(Json, StringComparison.Ordinal)) || folder == Layout.Tags);

    // A record that cannot be read would stop every run in the workspace.
    private static bool IsWhole(string name, byte[] content)
    {
        if (IsTag(name)) return content.Length <= 100 && ArtifactName.IsSafe(Encoding.UTF8.GetString(content).Trim());
        try
        {
            return RunRecord.Parse(content, name) is { State: RunState.Ended } record && name == $"{Layout.Runs}/{record.Id}{Json}";
        }
        catch (InvalidInputException)
        {
            return false;
        }
    }

    private static bool IsTag(string name) => name.StartsWith(Layout.Tags, StringComparison.Ordinal);

    private static bool Replaces(string name, byte[]? there, byte[] content, string where, IProgressSink progress)
    {
        if (there is null) return true;
        if (there.AsSpan().SequenceEqual(content)) return false;
        progress.Note(IsTag(name) ? $"{name}: named another run in {where}; it was moved" : $"{name}: is another run in {where}, which began in the same second; both are left as they are");
        return IsTag(name);
    }
}
