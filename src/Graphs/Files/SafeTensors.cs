using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;

namespace LmmRec.Graphs;

/// <summary>Reads and writes safetensors files: an 8-byte length, a JSON header, then the tensors' bytes one after the other.</summary>
public static class SafeTensors
{
    private const int MaxHeaderBytes = 100_000_000; // the format's own limit

    private sealed record Entry(string Dtype, long[] Shape, long Begin, long End);

    /// <summary>Writes the tensors in the order of their names; the same tensors give the same bytes. The file appears whole or not at all.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, tensors.Select(t => (t.Key, (ITensorBytes)t.Value)), metadata);

    /// <inheritdoc cref="Write(string, IReadOnlyDictionary{string, TensorData}, IReadOnlyDictionary{string, string})"/>
    internal static void Write(string path, IEnumerable<(string Name, ITensorBytes Data)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var header = new JsonObject();
        if (metadata is not null) header["__metadata__"] = new JsonObject(metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
        var position = 0L;
        foreach (var (name, data) in ordered)
        {
            var end = position + data.Shape.Aggregate((long)data.Type.Bytes(), (product, d) => product * d);
            header[name] = new JsonObject
            {
                ["dtype"] = data.Type.SafeTensorsName(),
                ["shape"] = new JsonArray([.. data.Shape.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(position, end),
            };
            position = end;
        }
        var text = header.ToJsonString();
        var bytes = Encoding.UTF8.GetBytes(text.PadRight(text.Length + (8 - Encoding.UTF8.GetByteCount(text) % 8) % 8)); // data begins aligned
        FileSystem.WriteAtomically(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
            stream.Write(length);
            stream.Write(bytes);
            foreach (var (_, data) in ordered) data.ForEachChunk(chunk => stream.Write(chunk));
        });
    }

    /// <summary>Reads all tensors, or those whose name <paramref name="wanted"/> accepts.</summary>
    /// <exception cref="GraphException">The file is no safetensors file, is truncated, or holds an element type that is not known here.</exception>
    public static Dictionary<string, TensorData> Read(string path, Func<string, bool>? wanted = null) => Read(path, (name, _) => wanted is null || wanted(name));

    /// <summary>Reads the tensors of floating-point numbers; what else the file holds, of whatever type, stays there.</summary>
    /// <inheritdoc cref="Read(string, Func{string, bool})" path="/exception"/>
    public static Dictionary<string, TensorData> ReadFloats(string path) => Read(path, (_, type) => type.Contains('F', StringComparison.Ordinal)); // F32, BF16, …

    private static Dictionary<string, TensorData> Read(string path, Func<string, string, bool> wanted)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        var (entries, _, start) = ReadHeader(stream, path);
        var tensors = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var (name, entry) in entries.Where(e => wanted(e.Key, e.Value.Dtype)))
        {
            var type = TypeOf(path, name, entry);
            if ((entry.End - entry.Begin) / type.Bytes() > Array.MaxLength) throw Broken(path, $"tensor '{name}' has more elements than an array can hold, {Array.MaxLength}");
            var data = TensorData.Zeros(type, entry.Shape);
            stream.Position = start + entry.Begin;
            data.FillChunks(stream.ReadExactly);
            tensors[name] = data;
        }
        return tensors;
    }

    /// <summary>Where in the file each tensor's bytes lie.</summary>
    internal static Dictionary<string, (long Offset, long Length)> Places(string path)
    {
        using var stream = File.OpenRead(path);
        var (entries, _, start) = ReadHeader(stream, path);
        return entries.ToDictionary(e => e.Key, e => (start + e.Value.Begin, e.Value.End - e.Value.Begin), StringComparer.Ordinal);
    }

    /// <summary>The element types and shapes of all tensors; their elements stay in the file.</summary>
    internal static Dictionary<string, (ElementType Type, long[] Shape)> ReadShapes(string path)
    {
        using var stream = File.OpenRead(path);
        return ReadHeader(stream, path).Entries.ToDictionary(e => e.Key, e => (TypeOf(path, e.Key, e.Value), e.Value.Shape), StringComparer.Ordinal);
    }

    /// <summary>Reads tensors straight to where they belong, so that a large model is in memory once. The targets have their types and shapes.</summary>
    internal static void ReadInto(string path, IReadOnlyDictionary<string, BoundTensor> targets)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        var (entries, _, start) = ReadHeader(stream, path);
        foreach (var (name, entry) in entries)
        {
            if (!targets.TryGetValue(name, out var target)) continue;
            stream.Position = start + entry.Begin;
            target.FillChunks(stream.ReadExactly);
        }
    }

    /// <summary>Whether the file has a header, and all the bytes that it tells of.</summary>
    public static bool IsWhole(string path)
    {
        try
        {
            _ = Places(path);
            return true;
        }
        catch (GraphException)
        {
            return false;
        }
    }

    private static ElementType TypeOf(string path, string name, Entry entry)
    {
        var type = ElementTypes.FromSafeTensors(entry.Dtype) ?? throw Broken(path, $"tensor '{name}' has element type {entry.Dtype}, which is not known here");
        return entry.End - entry.Begin == BytesOf(type, entry.Shape)
            ? type
            : throw Broken(path, $"tensor '{name}' has {entry.End - entry.Begin} bytes, which do not fill its shape [{string.Join(", ", entry.Shape)}]");
    }

    // Null where a dimension is negative, or the product is beyond any file.
    private static long? BytesOf(ElementType type, long[] shape)
    {
        var bytes = (long)type.Bytes();
        foreach (var d in shape)
        {
            if (d < 0 || Math.BigMul(bytes, d, out bytes) != 0 || bytes < 0) return null;
        }
        return bytes;
    }

    /// <summary>The header's free-form texts.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var stream = File.OpenRead(path);
        return ReadHeader(stream, path).Metadata;
    }

    private static (Dictionary<string, Entry> Entries, Dictionary<string, string> Metadata, long Start) ReadHeader(FileStream stream, string path)
    {
        if (stream.Length < 8) throw Broken(path, $"it has {stream.Length} bytes, fewer than the header's length takes");
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var size = BinaryPrimitives.ReadInt64LittleEndian(length);
        if (size is < 2 or > MaxHeaderBytes || 8 + size > stream.Length) throw Broken(path, $"its header claims {size} bytes of a file of {stream.Length}");
        var bytes = new byte[size];
        stream.ReadExactly(bytes);
        try
        {
            var (entries, metadata) = (new Dictionary<string, Entry>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
            using var header = JsonDocument.Parse(bytes);
            foreach (var property in header.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__") foreach (var text in property.Value.EnumerateObject()) metadata[text.Name] = text.Value.GetString()!;
                else if (!entries.TryAdd(property.Name, ToEntry(property.Value))) throw Broken(path, $"it holds two tensors named '{property.Name}'");
            }
            // One after the other without gaps, as the format demands: so all tensors together are no larger than the file.
            var end = 0L;
            foreach (var (name, entry) in entries.OrderBy(e => e.Value.Begin).ThenBy(e => e.Value.End))
            {
                if (entry.Begin != end || entry.End < end) throw Broken(path, $"tensor '{name}' lies at bytes {entry.Begin} to {entry.End}; expected from {end} on, where the one before it ends");
                end = entry.End;
            }
            if (end > stream.Length - 8 - size) throw Broken(path, $"its tensors have {end} bytes where the file has {stream.Length - 8 - size}: the file is truncated");
            return (entries, metadata, 8 + size);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw Broken(path, "its header is not the JSON of a safetensors file", e);
        }
    }

    private static Entry ToEntry(JsonElement tensor)
    {
        var offsets = tensor.GetProperty("data_offsets");
        return new Entry(tensor.GetProperty("dtype").GetString()!, [.. tensor.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())],
            offsets[0].GetInt64(), offsets[1].GetInt64());
    }

    private static GraphException Broken(string path, string what, Exception? inner = null) => new($"'{path}' cannot be read: {what}", inner);
}
