using System.Collections.Concurrent;
using ZstdSharp;

namespace LmmRec.Tables.Files;

/// <summary>Reads a stream that unpacks on a thread of its own, so that unpacking and parsing go side by side.</summary>
internal sealed class ReadAhead : Stream
{
    private const int Buffers = 4, BufferBytes = 1 << 18;

    private readonly Stream _packed;
    private readonly long _maxBytes;
    private readonly BlockingCollection<byte[]> _empty = [];
    private readonly BlockingCollection<ArraySegment<byte>> _full = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _pump;
    private ArraySegment<byte> _current = ArraySegment<byte>.Empty;

    /// <param name="packed">the stream</param>
    /// <param name="maxBytes">most bytes that it may unfold to</param>
    public ReadAhead(Stream packed, long maxBytes)
    {
        (_packed, _maxBytes) = (packed, maxBytes);
        for (var i = 0; i < Buffers; i++) _empty.Add(new byte[BufferBytes]);
        _pump = Task.Factory.StartNew(Pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The packed data are damaged, or unfold to more than is allowed. What came before has been read by then.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_current.Count == 0 && !Next()) return 0;
        var count = Math.Min(buffer.Length, _current.Count);
        _current.AsSpan(0, count).CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _pump.ContinueWith(_ => { }, TaskScheduler.Default).Wait(); // its fault has been told, or nobody reads so far
            _packed.Dispose();
            _empty.Dispose();
            _full.Dispose();
            _stop.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Next()
    {
        if (_current.Array is { Length: > 0 } used) _empty.Add(used);
        _current = ArraySegment<byte>.Empty;
        if (_full.TryTake(out var next, Timeout.Infinite))
        {
            _current = next;
            return true;
        }
        _pump.GetAwaiter().GetResult(); // ended, well or with a fault
        return false;
    }

    private void Pump()
    {
        var total = 0L;
        try
        {
            while (true)
            {
                var buffer = _empty.Take(_stop.Token);
                var count = _packed.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                if (count == 0) return;
                if ((total += count) > _maxBytes) throw new InvalidDataException($"they unfold to more than {_maxBytes} bytes, the most allowed for a file of this size");
                _full.Add(new ArraySegment<byte>(buffer, 0, count));
            }
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException($"the packed data are damaged or break off ({e.Message})", e);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads on.
        }
        finally
        {
            _full.CompleteAdding();
        }
    }
}
