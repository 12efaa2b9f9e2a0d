using LmmRec.Artifacts.Steps;

namespace LmmRec.Remotes;

/// <summary>What travelled, and what did not need to.</summary>
/// <param name="Artifacts">artifacts that were asked for</param>
/// <param name="Objects">files that travelled</param>
/// <param name="Bytes">bytes that travelled; fewer than the files have, where an earlier attempt had begun them</param>
/// <param name="ObjectsThere">files that were there already</param>
/// <param name="BytesThere">their bytes</param>
public sealed record Transfer(int Artifacts, int Objects, long Bytes, int ObjectsThere, long BytesThere);

/// <summary>Counts from several threads, and shows it.</summary>
internal sealed class Tally(IProgressTask task)
{
    private readonly Lock _lock = new();
    private int _objects, _objectsThere;
    private long _bytes, _bytesThere;

    /// <summary>Bytes that travelled just now.</summary>
    public void Travelled(long bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
            task.Describe($"{_bytes / 1_000_000} MB");
        }
    }

    /// <summary>A file that has arrived.</summary>
    public void Arrived()
    {
        lock (_lock)
        {
            _objects++;
            task.Advance(1);
        }
    }

    /// <summary>A file that was there already.</summary>
    public void WasThere(long bytes)
    {
        lock (_lock)
        {
            _objectsThere++;
            _bytesThere += bytes;
            task.Advance(1);
        }
    }

    public Transfer Of(int artifacts)
    {
        lock (_lock) return new Transfer(artifacts, _objects, _bytes, _objectsThere, _bytesThere);
    }
}
