using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LmmRec.Artifacts.Store;
using LmmRec.Dense;

namespace LmmRec.Train.Data;

/// <summary>
/// Neighbours that were found before, in a folder, under the hash of the features that they were found from: other features never meet them,
/// whatever their encoder is called (docs/recommenders.md#lattice).
/// </summary>
/// <param name="folder">is made where it is not there; may be deleted at any time</param>
public sealed class NeighbourCache(string folder)
{
    // Cases that are trained at once want the same ones at the same moment: the second takes what the first finds. Others do not wait.
    private static readonly ConcurrentDictionary<string, Lock> Finding = [];

    private const int Version = 2;
    private const int PieceValues = 1 << 20;

    /// <summary>The neighbours of <paramref name="features"/>, read where they are there, else found and kept.</summary>
    public Neighbours Get(FeatureMatrix features, int k, int threads, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(Path.Combine(folder, $"neighbours-{Key(features, k)}.bin"));
        return Alone(path, () => ReadOrFind(path, features, k, threads, cancellation), cancellation);
    }

    /// <summary>What <paramref name="find"/> gives; of those who want the same at once one after the other.</summary>
    internal static T Alone<T>(string path, Func<T> find, CancellationToken cancellation)
    {
        lock (Finding.GetOrAdd(path, _ => new Lock()))
        {
            cancellation.ThrowIfCancellationRequested();
            return find();
        }
    }

    private Neighbours ReadOrFind(string path, FeatureMatrix features, int k, int threads, CancellationToken cancellation)
    {
        var items = features.Items;
        var count = items * Math.Min(k, items);
        if (File.Exists(path) && new FileInfo(path).Length == count * (sizeof(int) + sizeof(float)))
        {
            var bytes = File.ReadAllBytes(path);
            return new Neighbours(count / items,
                MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, count * sizeof(int))).ToArray(), MemoryMarshal.Cast<byte, float>(bytes.AsSpan(count * sizeof(int))).ToArray());
        }
        var found = Neighbours.Of(features.Values, features.Width, k, threads, cancellation);
        Directory.CreateDirectory(folder);
        FileSystem.WriteAtomically(path, stream =>
        {
            stream.Write(MemoryMarshal.AsBytes<int>(found.Items));
            stream.Write(MemoryMarshal.AsBytes<float>(found.Similarities));
        });
        return found;
    }

    private static string Key(FeatureMatrix features, int k)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], k);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], features.Width);
        hash.AppendData(header);
        // In pieces: the bytes of a large matrix are more than one span can hold.
        for (var start = 0; start < features.Values.Length; start += PieceValues)
            hash.AppendData(MemoryMarshal.AsBytes(features.Values.AsSpan(start, Math.Min(PieceValues, features.Values.Length - start))));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
