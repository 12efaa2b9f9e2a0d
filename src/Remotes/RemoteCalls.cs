using System.Runtime.ExceptionServices;
using LmmRec.Artifacts;

namespace LmmRec.Remotes;

/// <summary>Calls of a remote whose failures are told in its words. What arrived stays there, so the same command goes on after it.</summary>
internal static class RemoteCalls
{
    private const int LargestText = 1 << 26; // bytes: a manifest of a million files

    /// <summary>Files that travel at once: enough to fill a line, few enough for a server that is somebody's laptop.</summary>
    public const int AtOnce = 4;

    /// <summary>Sends a file.</summary>
    public static Task SendAsync(this IRemote remote, string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation) =>
        remote.AskAsync($"sending {file.What}", async () =>
        {
            await remote.WriteAsync(name, file, sent, cancellation);
            return true;
        });

    /// <summary>All files below a folder.</summary>
    public static Task<List<RemoteFile>> FilesAsync(this IRemote remote, string folder, CancellationToken cancellation) =>
        remote.AskAsync($"listing {folder}", async () => await remote.ListAsync(folder, cancellation).ToListAsync(cancellation));

    /// <summary>A file below a folder; null: there is none.</summary>
    public static Task<RemoteFile?> AnyAsync(this IRemote remote, string folder, CancellationToken cancellation) =>
        remote.AskAsync("looking whether it is empty", async () => await remote.ListAsync(folder, cancellation).FirstOrDefaultAsync(cancellation));

    /// <summary>A small file as a whole; null: it is not there.</summary>
    /// <exception cref="InvalidInputException">The remote cannot be read, or the file is too large to be one of ours.</exception>
    public static Task<byte[]?> TryReadAllAsync(this IRemote remote, string name, CancellationToken cancellation) => remote.AskAsync($"reading {name}", async () =>
    {
        await using var content = await remote.ReadAsync(name, 0, cancellation);
        if (content is null) return null;
        var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
            if (all.Length > LargestText) throw new InvalidInputException($"{remote.Address}: {name} is larger than {LargestText >> 20} MiB, and none that lmmrec wrote");
        }
        return all.ToArray();
    });

    /// <summary>Does something with the remote.</summary>
    /// <exception cref="InvalidInputException">It failed at the other end, or on the way.</exception>
    public static async Task<T> AskAsync<T>(this IRemote remote, string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (remote.Explain(e) is { } why)
        {
            throw new InvalidInputException($"{remote.Address}: {why}; it was {what}. What has arrived stays, and the same command goes on after it", e);
        }
    }

    /// <summary>Does something for each, a few at a time; the first that fails ends the others.</summary>
    public static async Task ForEachAsync<T>(IEnumerable<T> all, Func<T, CancellationToken, Task> each, CancellationToken cancellation)
    {
        var running = Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (one, token) => await each(one, token));
        try
        {
            await running;
        }
        catch when (running.Exception is { } several)
        {
            ExceptionDispatchInfo.Throw(several.Unwrapped());
        }
    }
}
