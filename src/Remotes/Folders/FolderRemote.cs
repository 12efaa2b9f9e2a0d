using System.Security.Cryptography;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes.Folders;

/// <summary>
/// A remote that has folders and renames files. A file comes to lie under a name that holds its hash and takes its own by renaming, so that the next
/// attempt finds how far the last one came. Attempts on the same content may run at once: each writes bytes that are right to where they belong.
/// </summary>
internal abstract class FolderRemote(string address) : IRemote
{
    private const int Piece = 1 << 18; // bytes that are in memory per file

    public string Address => address;

    public abstract IAsyncEnumerable<RemoteFile> ListAsync(string folder, CancellationToken cancellation);

    public abstract Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation);

    public abstract Task DeleteAsync(string name, CancellationToken cancellation);

    public abstract string? Explain(Exception exception);

    public abstract ValueTask DisposeAsync();

    public async Task WriteAsync(string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation)
    {
        var temporary = $"{name}~{file.Sha256}";
        await MakeFolderAsync(name[..Math.Max(0, name.LastIndexOf('/'))], cancellation);
        await using (var target = await OpenAsync(temporary, cancellation))
        {
            for (var from = Math.Min(file.Bytes, target.Length); ; from = 0)
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                target.Position = 0;
                await HashAsync(target, from, hash, cancellation);
                target.Position = from;
                await foreach (var piece in file.PiecesAsync(from, Piece, cancellation))
                {
                    hash.AppendData(piece.Span);
                    await target.WriteAsync(piece, cancellation);
                    sent(piece.Length);
                }
                if (Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Sha256) break;
                // What an earlier attempt left may have been damaged meanwhile; what was read here just now was not.
                if (from == 0) throw file.Changed();
            }
            if (target.Length > file.Bytes) target.SetLength(file.Bytes);
            await FlushAsync(target, cancellation);
        }
        await RenameAsync(temporary, name, file.Bytes, cancellation);
    }

    /// <summary>Whether a file's name is one that it has until it is whole.</summary>
    protected static bool IsTemporary(string name) => name.Length > 65 && name[^65] == '~' && Hashing.IsOne(name[^64..]);

    /// <summary>Size in bytes; null: it is not there.</summary>
    protected abstract Task<long?> LengthAsync(string name, CancellationToken cancellation);

    /// <summary>Makes a folder and those around it, where they are not there.</summary>
    protected abstract Task MakeFolderAsync(string folder, CancellationToken cancellation);

    /// <summary>Opens a file to read and write and keeps what is in it; it is made where it is not there.</summary>
    protected abstract Task<Stream> OpenAsync(string name, CancellationToken cancellation);

    /// <summary>Brings what was written as far as the other end lets us.</summary>
    protected abstract Task FlushAsync(Stream target, CancellationToken cancellation);

    /// <summary>Renames a file over the one that has the name, if one has.</summary>
    protected abstract Task MoveAsync(string from, string to, CancellationToken cancellation);

    private async Task RenameAsync(string temporary, string name, long bytes, CancellationToken cancellation)
    {
        try
        {
            await MoveAsync(temporary, name, cancellation);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // Another machine that sent the same was first.
            if (await LengthAsync(temporary, cancellation) is not null || await LengthAsync(name, cancellation) != bytes) throw;
        }
    }

    private static async Task HashAsync(Stream content, long bytes, IncrementalHash hash, CancellationToken cancellation)
    {
        var buffer = new byte[Math.Min(Piece, bytes)];
        for (var left = bytes; left > 0;)
        {
            var count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation);
            if (count == 0) return; // it became shorter, and the hash will be another
            hash.AppendData(buffer, 0, count);
            left -= count;
        }
    }
}
