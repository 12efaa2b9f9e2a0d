namespace LmmRec.Remotes;

/// <summary>A file of a remote.</summary>
/// <param name="Name">below the remote's address, folders parted by <c>/</c></param>
/// <param name="Bytes">its size</param>
public sealed record RemoteFile(string Name, long Bytes);

/// <summary>
/// A place elsewhere that keeps files by name. A file is there whole or not at all; several machines may write at once. Calls may run side by side.
/// </summary>
public interface IRemote : IAsyncDisposable
{
    /// <summary>What messages call it; holds no secret.</summary>
    string Address { get; }

    /// <summary>The whole files below <paramref name="folder"/> (empty: all), in any order; none where the folder is not there.</summary>
    IAsyncEnumerable<RemoteFile> ListAsync(string folder, CancellationToken cancellation);

    /// <summary>Reads the file <paramref name="name"/> from byte <paramref name="from"/> on; null: it is not there.</summary>
    Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation);

    /// <summary>
    /// Puts <paramref name="file"/> at <paramref name="name"/>, in the place of what is there. Goes on where another attempt with the same content stopped.
    /// </summary>
    /// <param name="name">below the remote's address</param>
    /// <param name="file">what is sent</param>
    /// <param name="sent">is told the bytes that travelled, as they go</param>
    /// <param name="cancellation">ends it; what has arrived stays for the next attempt</param>
    Task WriteAsync(string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation);

    /// <summary>Deletes the file <paramref name="name"/>; that it is not there is no fault.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>What the other end, or the way to it, has against a call that threw <paramref name="exception"/>, and what to do; null: it is not at fault.</summary>
    string? Explain(Exception exception);
}
