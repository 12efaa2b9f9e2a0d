namespace LmmRec.Artifacts.Store;

/// <summary>
/// One writer per workspace. The lock belongs to the open file, so the operating system frees it when its owner dies, however that happens.
/// </summary>
public sealed class WorkspaceLock : IDisposable
{
    private const string LockName = ".lock", OwnerName = ".owner";

    private readonly FileStream _file;

    private WorkspaceLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of <paramref name="workspace"/> (made if it is not there), or fails at once.</summary>
    /// <param name="workspace">the workspace's folder</param>
    /// <param name="owner">what the message to others calls us, such as <c>lmmrec run</c></param>
    /// <exception cref="WorkspaceInUseException">Another process holds it.</exception>
    public static WorkspaceLock Take(string workspace, string owner)
    {
        Directory.CreateDirectory(workspace);
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(workspace, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(Path.Combine(workspace, LockName)))
        {
            throw new WorkspaceInUseException(
                $"workspace '{workspace}' is in use by {Owner(workspace)}; one process writes to a workspace at a time: wait for it, or name another with --workspace");
        }
        // Beside the lock, since nobody else may even read the locked file on some systems.
        File.WriteAllText(Path.Combine(workspace, OwnerName), $"{owner}, process {Environment.ProcessId}");
        return new WorkspaceLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string Owner(string workspace)
    {
        try
        {
            return File.ReadAllText(Path.Combine(workspace, OwnerName));
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
