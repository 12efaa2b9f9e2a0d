using System.Globalization;
using System.Runtime.InteropServices;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using Microsoft.Win32.SafeHandles;

namespace LmmRec.Featurize;

/// <summary>What the encoder made of a picture or text.</summary>
/// <param name="Sha256">hash of the picture's file or of the text</param>
/// <param name="Status">ok, or why there is no vector</param>
/// <param name="VectorSha256">hash of the vector's bytes: a power cut may lose some</param>
internal sealed record EncodedVector(string Sha256, string Status, string VectorSha256);

/// <summary>
/// The vectors of one modality while a store is made, one for each different picture or text, in any order. Those that are encoded go into a journal
/// that outlives the process; those that finished stores hold are copied into a file beside it, since they come back in another order than they lie
/// there. In memory are their hashes and places (docs/features.md#only-what-changed).
/// </summary>
internal sealed class VectorPool : IDisposable
{
    private const long Wanted = long.MaxValue, Taken = Wanted - 1, WithoutVector = Wanted - 2; // no place is as far

    private readonly string _folder, _name;
    private readonly Dictionary<UInt128, long> _places = []; // in the journal; of what was copied, the complement of its number
    private readonly Dictionary<UInt128, string> _reasons = []; // of what was copied and has no vector
    private Journal<EncodedVector>? _journal; // opened where there is something to encode
    private SafeFileHandle? _copies;
    private int _width; // of those that were copied

    /// <param name="folder">the folder of the unfinished work</param>
    /// <param name="name">of the modality</param>
    public VectorPool(string folder, string name) => (_folder, _name) = (folder, name);

    /// <summary>How many vectors nobody has made yet.</summary>
    public int Missing { get; private set; }

    /// <summary>How many were copied.</summary>
    public int Copied { get; private set; }

    /// <summary>How many were encoded, in this run and in those before it that were killed.</summary>
    public int Encoded { get; private set; }

    /// <summary>How many a killed run left in <paramref name="folder"/>.</summary>
    public static int CountOf(string folder, string name) => Journal.CountOf(folder, name);

    /// <summary>Asks for the vector of what has this hash.</summary>
    public void Want(string sha256)
    {
        if (_places.TryAdd(Hashing.Half(sha256), Wanted)) Missing++;
    }

    /// <summary>The smallest hashes, as far as they are kept: a sample that stays nearly the same while the catalogue changes.</summary>
    public IReadOnlyList<string> Sample(int size) => [.. _places.Keys.Order().Take(size).Select(key => key.ToString("x32", CultureInfo.InvariantCulture))];

    /// <summary>Whether its vector is asked for and not there; true once for each.</summary>
    public bool TryTake(string sha256)
    {
        var key = Hashing.Half(sha256);
        if (!_places.TryGetValue(key, out var place) || place != Wanted) return false;
        _places[key] = Taken;
        return true;
    }

    /// <summary>Takes what a finished store holds, if it is asked for: a vector, or the reason why there is none.</summary>
    public void Copy(string? sha256, string status, float[]? vector)
    {
        if (sha256 is null || !TryTake(sha256)) return;
        if (vector is null)
        {
            _reasons[Hashing.Half(sha256)] = status;
            Put(sha256, WithoutVector);
            return;
        }
        _copies ??= OpenCopies();
        _width = vector.Length;
        RandomAccess.Write(_copies, MemoryMarshal.AsBytes(vector.AsSpan()), Offset(Copied));
        Put(sha256, ~Copied++);
    }

    /// <summary>Takes over what a killed run encoded, if it is asked for.</summary>
    public void Resume(CancellationToken cancellation)
    {
        if (CountOf(_folder, _name) == 0) return;
        _journal = new Journal<EncodedVector>(_folder, _name);
        foreach (var (place, entry) in _journal.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Hashing.OfBytes(_journal.Bytes(place)) == entry.VectorSha256 && TryTake(entry.Sha256)) PutEncoded(entry.Sha256, place);
        }
    }

    /// <summary>Takes the vector that the encoder made of what has this hash.</summary>
    public void Add(string sha256, ReadOnlySpan<float> vector)
    {
        if (vector.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) Add(sha256, FeatureStatus.BecauseOf("the encoder gave a vector that is not finite"));
        else Append(sha256, FeatureStatus.Ok, MemoryMarshal.AsBytes(vector));
    }

    /// <summary>Takes the reason why there is no vector.</summary>
    public void Add(string sha256, string status) => Append(sha256, status, []);

    /// <summary>The vector of what has this hash, or why there is none.</summary>
    public (float[]? Vector, string Status) Read(string sha256)
    {
        var place = _places[Hashing.Half(sha256)];
        if (place == WithoutVector) return (null, _reasons[Hashing.Half(sha256)]);
        if (place >= 0)
        {
            var entry = _journal!.Read(place);
            return (entry.Status == FeatureStatus.Ok ? MemoryMarshal.Cast<byte, float>(_journal.Bytes(place)).ToArray() : null, entry.Status);
        }
        var vector = new float[_width];
        var bytes = MemoryMarshal.AsBytes(vector.AsSpan());
        if (RandomAccess.Read(_copies!, bytes, Offset(~place)) < bytes.Length) throw new EndOfStreamException("copied vectors were cut off while they were read");
        return (vector, FeatureStatus.Ok);
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _copies?.Dispose();
    }

    private void Append(string sha256, string status, ReadOnlySpan<byte> bytes)
    {
        _journal ??= new Journal<EncodedVector>(_folder, _name);
        PutEncoded(sha256, _journal.Append(new EncodedVector(sha256, status, Hashing.OfBytes(bytes)), bytes));
    }

    private void PutEncoded(string sha256, long place)
    {
        Put(sha256, place);
        Encoded++;
    }

    private void Put(string sha256, long place)
    {
        _places[Hashing.Half(sha256)] = place;
        Missing--;
    }

    private SafeFileHandle OpenCopies()
    {
        Directory.CreateDirectory(_folder);
        return File.OpenHandle(Path.Combine(_folder, _name + ".copies"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
    }

    private long Offset(long number) => number * _width * sizeof(float);
}
