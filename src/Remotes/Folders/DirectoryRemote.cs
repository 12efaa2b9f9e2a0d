using System.Runtime.CompilerServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes.Folders;

/// <summary>A folder of this machine, or one that it has mounted.</summary>
internal sealed class DirectoryRemote(string folder) : FolderRemote(folder)
{
    private readonly string _root = Path.GetFullPath(folder);

    public override async IAsyncEnumerable<RemoteFile> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var below = Path.Combine(_root, folder);
        if (!Directory.Exists(below)) yield break;
        foreach (var file in new DirectoryInfo(below).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => !IsTemporary(file.Name)))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new RemoteFile(Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length);
        }
        await Task.CompletedTask;
    }

    public override Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation)
    {
        if (!File.Exists(PathOf(name))) return Task.FromResult<Stream?>(null);
        var content = new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        content.Position = from;
        return Task.FromResult<Stream?>(content);
    }

    public override Task DeleteAsync(string name, CancellationToken cancellation)
    {
        if (File.Exists(PathOf(name))) File.Delete(PathOf(name));
        return Task.CompletedTask;
    }

    public override string? Explain(Exception exception) => exception switch
    {
        IOException e when e.IsFullDisk() => "is full; make room there",
        IOException or UnauthorizedAccessException => $"cannot be read or written: {exception.Message.TrimEnd('.')}",
        _ => null,
    };

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task<long?> LengthAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(new FileInfo(PathOf(name)) is { Exists: true } file ? file.Length : (long?)null);

    protected override Task MakeFolderAsync(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(PathOf(folder)))
        {
            Directory.CreateDirectory(PathOf(folder));
            // Its name stands in the folder around it, and so on.
            for (var above = folder; above.Length > 0;)
            {
                above = above[..Math.Max(0, above.LastIndexOf('/'))];
                FileSystem.Flush(PathOf(above));
            }
        }
        return Task.CompletedTask;
    }

    protected override Task<Stream> OpenAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<Stream>(new FileStream(PathOf(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    protected override Task FlushAsync(Stream target, CancellationToken cancellation)
    {
        ((FileStream)target).Flush(flushToDisk: true);
        return Task.CompletedTask;
    }

    protected override Task MoveAsync(string from, string to, CancellationToken cancellation)
    {
        File.Move(PathOf(from), PathOf(to), overwrite: true);
        FileSystem.Flush(Path.GetDirectoryName(PathOf(to))!); // before anything that refers to it is written
        return Task.CompletedTask;
    }

    private string PathOf(string name) => Path.Combine(_root, name);
}
