using System.Runtime.CompilerServices;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>A local file, or a text of ours, that is sent under its hash.</summary>
/// <param name="What">what messages call it</param>
/// <param name="Sha256">hash that its content is to have, lower-case hexadecimal</param>
/// <param name="Bytes">size that it is to have</param>
/// <param name="Open">opens its content</param>
public sealed record OutgoingFile(string What, string Sha256, long Bytes, Func<Stream> Open)
{
    /// <summary>A local file that a manifest lists.</summary>
    public OutgoingFile(string path, string sha256, long bytes) : this(path, sha256, bytes, () => File.OpenRead(path))
    {
    }

    /// <summary>A local file as it is.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public static async Task<OutgoingFile> OfAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return new OutgoingFile(path, await Hashing.OfFileAsync(path, cancellation), new FileInfo(path).Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutgoingFile(path, "", 0).Changed(e);
        }
    }

    /// <summary>A text of ours.</summary>
    public static OutgoingFile Of(string what, byte[] content) => new(what, Hashing.OfBytes(content), content.Length, () => new MemoryStream(content, writable: false));

    /// <summary>Reads the content from byte <paramref name="from"/> on, in pieces of <paramref name="size"/> bytes; the last may be shorter. A piece is good until the next is asked for.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or has another size than it is to have.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(long from, int size, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var content = Opened(from);
        var buffer = new byte[Math.Min(size, Math.Max(1, Bytes - from))];
        for (var at = from; at < Bytes;)
        {
            var count = await NextAsync(content, buffer, cancellation);
            at += count;
            if (count == 0 || at > Bytes) throw Changed();
            yield return buffer.AsMemory(0, count);
        }
    }

    /// <summary>What to throw where the content is not the one that is to be sent.</summary>
    public InvalidInputException Changed(Exception? inner = null) => new(
        $"{What}: is not what its manifest says; where a run has just replaced it, push again, else 'lmmrec verify' says more{(inner is null ? "" : $" ({inner.Message.TrimEnd('.')})")}", inner);

    private Stream Opened(long from)
    {
        try
        {
            var content = Open();
            content.Position = from;
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Changed(e);
        }
    }

    private async Task<int> NextAsync(Stream content, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (IOException e)
        {
            throw Changed(e);
        }
    }
}
