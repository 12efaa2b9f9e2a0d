namespace LmmRec.Artifacts.Store;

/// <summary>
/// One writer per workspace, or several that make parts of one artifact. The lock belongs to the open file, so the operating system frees it when its
/// owner dies, however that happens.
/// </summary>
public sealed class WorkspaceLock : IDisposable
{
    private const string LockName = ".lock", OwnerName = ".owner";

    private readonly FileStream[] _files;

    private WorkspaceLock(params FileStream[] files) => _files = files;

    /// <summary>Takes the lock of <paramref name="workspace"/> (made if it is not there), or fails at once.</summary>
    /// <param name="workspace">the workspace's folder</param>
    /// <param name="owner">what the message to others calls us, such as <c>lmmrec run</c></param>
    /// <exception cref="WorkspaceInUseException">Another process holds it.</exception>
    /// <exception cref="InvalidInputException">It cannot be made or written to.</exception>
    public static WorkspaceLock Take(string workspace, string owner)
    {
        var file = Open(workspace, LockName, FileAccess.ReadWrite, FileShare.None);
        Sign(workspace, owner);
        return new WorkspaceLock(file);
    }

    /// <summary>Takes the lock of <paramref name="part"/>, which other parts' owners do not mind and whoever wants the whole workspace does.</summary>
    /// <param name="workspace">the workspace's folder</param>
    /// <param name="owner">what the message to others calls us</param>
    /// <param name="part">a name that a file can have</param>
    /// <exception cref="WorkspaceInUseException">Another process holds it, or the whole workspace.</exception>
    /// <exception cref="InvalidInputException">It cannot be made or written to.</exception>
    public static WorkspaceLock TakePart(string workspace, string owner, string part)
    {
        var whole = Open(workspace, LockName, FileAccess.Read, FileShare.Read);
        try
        {
            var own = Open(workspace, $"{LockName}-{part}", FileAccess.ReadWrite, FileShare.None);
            Sign(workspace, owner);
            return new WorkspaceLock(own, whole);
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    private static FileStream Open(string workspace, string name, FileAccess access, FileShare share)
    {
        var path = Path.Combine(workspace, name);
        try
        {
            Directory.CreateDirectory(workspace);
            return new FileStream(path, FileMode.OpenOrCreate, access, share);
        }
        catch (IOException e) when (IsSharing(e))
        {
            throw new WorkspaceInUseException(
                $"workspace '{workspace}' is in use by {Owner(workspace)}; one process writes to a workspace at a time: wait for it, or name another with --workspace");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"workspace '{workspace}': cannot be made or written to: {e.Message.TrimEnd('.')}; name another with --workspace", e);
        }
    }

    // What another process holds; all else, such as a file system that is read-only, is no use of the workspace.
    private static bool IsSharing(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35; // of Windows, Linux and macOS

    // Beside the lock, since nobody else may even read the locked file on some systems.
    private static void Sign(string workspace, string owner) => File.WriteAllText(Path.Combine(workspace, OwnerName), $"{owner}, process {Environment.ProcessId}");

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
