using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Artifacts.Store;

/// <summary>What .NET lacks for writing files so that a power cut leaves the old or the new content.</summary>
public static partial class FileSystem
{
    /// <summary>What the name of a folder ends with that is being deleted: it is nothing any more.</summary>
    public const string Leaving = "~leaving";

    private const int ReadOnly = 0, FileExists = 17, FileExistsOnWindows = unchecked((int)0x80070050);

    /// <summary>Writes a file beside <paramref name="path"/>, flushes it and renames it: a file of this name is always whole.</summary>
    /// <param name="path">where it goes</param>
    /// <param name="write">writes its content</param>
    /// <param name="overwrite">whether it replaces a file that is there</param>
    /// <param name="alone">whether no other process writes the same file at the same time; else what is written has a name of its own meanwhile</param>
    /// <exception cref="IOException">It cannot be written, or there is one that it must not replace.</exception>
    public static void WriteAtomically(string path, Action<Stream> write, bool overwrite = true, bool alone = true)
    {
        var temporary = $"{path}{(alone ? "" : $"~{Path.GetRandomFileName()}")}.writing";
        var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Whether a file was not made since its name is taken.</summary>
    public static bool IsTaken(IOException exception) => exception.HResult is FileExists or FileExistsOnWindows;

    /// <summary>Deletes a folder so that, where we die in between, what is left of it does not look like the whole.</summary>
    public static void Remove(string folder)
    {
        var leaving = folder.EndsWith(Leaving, StringComparison.Ordinal) ? folder : folder + Leaving;
        if (leaving != folder) Directory.Move(folder, leaving);
        Directory.Delete(leaving, recursive: true);
    }

    /// <summary>Brings a file's content, or a folder's list of names, to the disk.</summary>
    public static void Flush(string path)
    {
        if (Directory.Exists(path))
        {
            // Windows has no such call for a folder and needs none.
            if (OperatingSystem.IsWindows()) return;
            using var folder = new SafeFileHandle(Open(path, ReadOnly), ownsHandle: true);
            if (!folder.IsInvalid) _ = FileSync(folder);
            return;
        }
        // Only Windows wants a file opened for writing, which one that was copied from a read-only place does not allow.
        using var file = File.OpenHandle(path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read);
        RandomAccess.FlushToDisk(file);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FileSync(SafeFileHandle handle);
}
