using LmmRec.Artifacts.Store;

namespace LmmRec.Train.Tuning.Data;

/// <summary>What a pool holds of a picture or text.</summary>
/// <param name="Sha256">hash of its bytes</param>
/// <param name="Fault">why it cannot be used, and is not kept; null: it can</param>
internal sealed record PooledContent(string Sha256, string? Fault);

/// <summary>
/// Pictures or texts in any order, each different one once, in one file that outlives the process; in memory are their hashes and places. What a killed
/// run left is used again as far as its hashes are right: that is looked at here and not at each reading.
/// </summary>
internal sealed class ContentPool : IDisposable
{
    private const long Nowhere = -1; // the place of what cannot be used

    private readonly Journal<PooledContent> _journal;
    private readonly Dictionary<UInt128, long> _places = [];

    /// <param name="folder">the folder of the unfinished work</param>
    /// <param name="name">of the pool's files</param>
    public ContentPool(string folder, string name)
    {
        _journal = new Journal<PooledContent>(folder, name);
        foreach (var (place, entry) in _journal.Entries)
            if (entry.Fault is not null) _places[Hashing.Half(entry.Sha256)] = Nowhere;
            else if (Hashing.OfBytes(_journal.Bytes(place)) == entry.Sha256) _places[Hashing.Half(entry.Sha256)] = place;
    }

    /// <summary>Halves of the hashes of all that was put here, usable or not.</summary>
    public IReadOnlyCollection<UInt128> Keys => _places.Keys;

    /// <summary>Whether it was put here and can be used.</summary>
    public bool Holds(UInt128 key) => _places.TryGetValue(key, out var place) && place != Nowhere;

    /// <summary>Puts <paramref name="bytes"/> here, or only the reason why they cannot be used. Nobody may read meanwhile.</summary>
    public void Add(string sha256, ReadOnlySpan<byte> bytes, string? fault = null)
    {
        var place = _journal.Append(new PooledContent(sha256, fault), fault is null ? bytes : []);
        _places[Hashing.Half(sha256)] = fault is null ? place : Nowhere;
    }

    /// <summary>The bytes; from any thread.</summary>
    /// <param name="key">half of their hash</param>
    public byte[] Read(UInt128 key) => _journal.Bytes(_places[key]);

    public void Dispose() => _journal.Dispose();
}
