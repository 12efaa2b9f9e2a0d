using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LmmRec.Remotes.Folders;

/// <summary>A folder of an SSH server, by SFTP over one connection, which is made by the first call.</summary>
internal sealed class SftpRemote(SftpAddress address, SftpConnection connection) : FolderRemote(address.ToString())
{
    private const int ListedAtOnce = 16; // folders: each holds a handle of the server's

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly ConcurrentDictionary<string, bool> _made = new(); // folders that are there
    private SftpClient? _client;

    public override async IAsyncEnumerable<RemoteFile> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var client = await ClientAsync(cancellation);
        for (List<string> level = [folder]; level.Count > 0;)
        {
            var below = new List<string>();
            foreach (var some in level.Chunk(ListedAtOnce))
                foreach (var (file, isFolder) in (await Task.WhenAll(some.Select(one => EntriesAsync(client, one, cancellation)))).SelectMany(entries => entries))
                {
                    if (isFolder) below.Add(file.Name);
                    else if (!IsTemporary(file.Name)) yield return file;
                }
            level = below;
        }
    }

    public override async Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation)
    {
        try
        {
            var content = await (await ClientAsync(cancellation)).OpenAsync(PathOf(name), FileMode.Open, FileAccess.Read, cancellation);
            content.Position = from;
            return content;
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
    }

    public override async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await (await ClientAsync(cancellation)).DeleteFileAsync(PathOf(name), cancellation);
        }
        catch (SftpPathNotFoundException)
        {
            // another was first
        }
    }

    public override string? Explain(Exception exception) => connection.Explain(exception) ?? exception switch
    {
        SftpPermissionDeniedException => $"does not let {address.User} read or write there",
        SshException => $"fails there, where the disk may be full: {exception.Message.TrimEnd('.')}", // SFTP has no word for that
        IOException => $"cannot be read or written: {exception.Message.TrimEnd('.')}",
        _ => null,
    };

    public override ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _connecting.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<long?> LengthAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return (await (await ClientAsync(cancellation)).GetAttributesAsync(PathOf(name), cancellation)).Size;
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
    }

    protected override async Task MakeFolderAsync(string folder, CancellationToken cancellation)
    {
        var path = PathOf(folder);
        if (path.Length == 0 || path == "/" || _made.ContainsKey(path)) return;
        var client = await ClientAsync(cancellation);
        await EachAsync(path);

        async Task EachAsync(string one)
        {
            if (_made.ContainsKey(one)) return;
            if (!await client.ExistsAsync(one, cancellation))
            {
                if (one.LastIndexOf('/') is > 0 and var at) await EachAsync(one[..at]);
                try
                {
                    await client.CreateDirectoryAsync(one, cancellation);
                }
                catch (SshException) when (!cancellation.IsCancellationRequested)
                {
                    if (!client.IsConnected || !await client.ExistsAsync(one, cancellation)) throw; // else another made it
                }
            }
            _made[one] = true;
        }
    }

    protected override async Task<Stream> OpenAsync(string name, CancellationToken cancellation) =>
        await (await ClientAsync(cancellation)).OpenAsync(PathOf(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, cancellation);

    protected override Task FlushAsync(Stream target, CancellationToken cancellation) => target.FlushAsync(cancellation);

    protected override async Task MoveAsync(string from, string to, CancellationToken cancellation)
    {
        var client = await ClientAsync(cancellation);
        try
        {
            client.RenameFile(PathOf(from), PathOf(to), isPosix: true);
        }
        catch (NotSupportedException)
        {
            // A server that is not OpenSSH's may rename to a free name only.
            await DeleteAsync(to, cancellation);
            await client.RenameFileAsync(PathOf(from), PathOf(to), cancellation);
        }
    }

    private async Task<SftpClient> ClientAsync(CancellationToken cancellation)
    {
        await _connecting.WaitAsync(cancellation);
        try
        {
            return _client ??= await connection.OpenAsync(cancellation);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<List<(RemoteFile File, bool IsFolder)>> EntriesAsync(SftpClient client, string folder, CancellationToken cancellation)
    {
        var entries = new List<(RemoteFile File, bool IsFolder)>();
        try
        {
            await foreach (var entry in client.ListDirectoryAsync(PathOf(folder), cancellation))
                if (entry.Name is not ("." or "..")) entries.Add((new RemoteFile(folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}", entry.Length), entry.IsDirectory));
        }
        catch (SftpPathNotFoundException)
        {
            // nothing was pushed yet
        }
        return entries;
    }

    private string PathOf(string name) => name.Length == 0 ? address.Path : $"{address.Path}/{name}";
}
