namespace LmmRec.Remotes.Tests;

/// <summary>A remote that goes away once it was read some bytes from.</summary>
internal sealed class BreakingRemote(IRemote remote, long bytes) : IRemote
{
    private readonly long _limit = bytes;
    private long _read;

    /// <summary>Bytes that were read.</summary>
    public long Read => _read;

    public string Address => remote.Address;

    public IAsyncEnumerable<RemoteFile> ListAsync(string folder, CancellationToken cancellation) => remote.ListAsync(folder, cancellation);

    public async Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation) =>
        await remote.ReadAsync(name, from, cancellation) is { } content ? name.StartsWith(Layout.Objects, StringComparison.Ordinal) ? new Breaking(this, content) : content : null;

    public Task WriteAsync(string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation) => remote.WriteAsync(name, file, sent, cancellation);

    public Task DeleteAsync(string name, CancellationToken cancellation) => remote.DeleteAsync(name, cancellation);

    public string? Explain(Exception exception) => exception is EndOfStreamException ? "went away" : remote.Explain(exception);

    public ValueTask DisposeAsync() => remote.DisposeAsync();

    private sealed class Breaking(BreakingRemote of, Stream content) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => content.Length;

        public override long Position
        {
            get => content.Position;
            set => content.Position = value;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (of._read > of._limit) throw new EndOfStreamException();
            var count = await content.ReadAsync(buffer[..Math.Min(buffer.Length, 10_000)], cancellationToken);
            Interlocked.Add(ref of._read, count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            content.Dispose();
            base.Dispose(disposing);
        }
    }
}
