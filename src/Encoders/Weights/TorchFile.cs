using System.Buffers.Binary;
using System.IO.Compression;
using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>
/// Reads the tensors of a PyTorch file: a zip archive (torch.save since 1.6, and TorchScript) or the older run of pickles followed by the numbers.
/// Names are the keys on the way to a tensor, joined by dots. Integers are left out: no encoder has weights of them.
/// </summary>
internal static class TorchFile
{
    private const byte PickleProtocol = 0x80; // what a pickle begins with
    private const int Deepest = 64; // dictionaries in dictionaries; a pickle can contain itself
    private static readonly System.Numerics.BigInteger LegacyMagic = System.Numerics.BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All floating-point tensors as float32.</summary>
    /// <exception cref="InvalidInputException">The file is broken, or its pickle would call something.</exception>
    public static Dictionary<string, TensorData> Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[2];
            file.ReadExactly(head);
            file.Position = 0;
            return head switch
            {
                [(byte)'P', (byte)'K'] => ReadArchive(file, path),
                [PickleProtocol, _] => ReadLegacy(file, path),
                _ => throw OtherFormat(path),
            };
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidInputException($"{path}: is truncated or broken ({e.Message}); download or copy it again", e);
        }
    }

    private static Dictionary<string, TensorData> ReadArchive(FileStream file, string path)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read);
        var pickle = archive.Entries.FirstOrDefault(e => e.FullName == "data.pkl" || (e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal) && e.FullName.Count(c => c == '/') == 1))
            ?? throw new InvalidInputException($"{path}: the archive holds no data.pkl, so torch.save did not write it");
        var folder = pickle.FullName[..^"data.pkl".Length];
        object? root;
        using (var stream = new BufferedStream(pickle.Open())) root = Unpickle(stream, path);

        return Collect(root, path, storages => storages.ToDictionary(s => s.Key, s =>
        {
            var entry = archive.GetEntry($"{folder}data/{s.Key}") ?? throw new InvalidInputException($"{path}: the archive lacks the numbers {folder}data/{s.Key}");
            // torch.save does not compress, so what the file is too short for is no length to believe.
            if (entry.Length != s.Length * BytesOf(s) || entry.Length > file.Length)
                throw new InvalidInputException($"{path}: {entry.FullName} has {entry.Length} bytes where {s.Length} values need {s.Length * BytesOf(s)}");
            using var numbers = entry.Open();
            return ReadFloats(numbers, s);
        }));
    }

    // Four pickles: a magic number, the version, the machine, the object; then the storages' keys, and each storage's length and numbers.
    private static Dictionary<string, TensorData> ReadLegacy(FileStream file, string path)
    {
        if (Unpickle(file, path) is not System.Numerics.BigInteger magic || magic != LegacyMagic)
            throw OtherFormat(path);
        Unpickle(file, path);
        Unpickle(file, path);
        var root = Unpickle(file, path);
        var keys = ((List<object?>)Unpickle(file, path)!).Cast<string>().ToList();
        return Collect(root, path, storages =>
        {
            var byKey = storages.ToDictionary(s => s.Key);
            var floats = new Dictionary<string, float[]>();
            Span<byte> length = stackalloc byte[8];
            foreach (var key in keys)
            {
                file.ReadExactly(length);
                // Storages of integers are among the keys too, so every one that is named by a tensor is known here.
                if (!byKey.TryGetValue(key, out var storage)) throw new InvalidInputException($"{path}: storage {key} belongs to no tensor; the file cannot be read");
                if (BinaryPrimitives.ReadInt64LittleEndian(length) != storage.Length || storage.Length > (file.Length - file.Position) / BytesOf(storage)) throw new InvalidInputException($"{path}: storage {key} has another length than its tensors say, or the file is truncated");
                floats[key] = ReadFloats(file, storage);
            }
            return floats;
        });
    }

    private static InvalidInputException OtherFormat(string path) =>
        new($"{path}: is no safetensors and no PyTorch file; allowed are .safetensors, .safetensors.index.json, .pt, .pth and .bin");

    private static object? Unpickle(Stream stream, string path)
    {
        using var pickle = new Pickle(stream, path, TorchObjects.Allows, TorchObjects.Apply);
        return pickle.Read();
    }

    private static Dictionary<string, TensorData> Collect(object? root, string path, Func<IReadOnlyList<TorchStorage>, Dictionary<string, float[]>> read)
    {
        var tensors = new Dictionary<string, TorchTensor>(StringComparer.Ordinal);
        Walk(root, "", 0);
        if (tensors.Count == 0) throw new InvalidInputException($"{path}: holds no tensors");
        var storages = read([.. tensors.Values.Select(t => t.Storage).DistinctBy(s => s.Key)]);
        return tensors.Where(t => TorchObjects.IsFloat(t.Value.Storage.Type)).ToDictionary(t => t.Key, t => ToData(t.Key, t.Value, storages[t.Value.Storage.Key], path), StringComparer.Ordinal);

        void Walk(object? value, string name, int depth)
        {
            if (depth > Deepest) throw new InvalidInputException($"{path}: dictionaries are nested deeper than {Deepest}");
            if (value is TorchTensor tensor) tensors[name] = tensor;
            var inner = value is TorchModule module ? module.Attributes : value as Dictionary<object, object?>;
            foreach (var (key, child) in inner ?? []) Walk(child, name.Length == 0 ? $"{key}" : $"{name}.{key}", depth + 1);
        }
    }

    private static TensorData ToData(string name, TorchTensor tensor, float[] storage, string path)
    {
        var (shape, strides) = (tensor.Shape, tensor.Strides);
        var last = tensor.Offset;
        var size = 1L;
        for (var d = 0; d < shape.Length; d++)
        {
            size = checked(size * shape[d]);
            last += Math.Max(0, shape[d] - 1) * strides[d];
        }
        if (strides.Length != shape.Length || tensor.Offset < 0 || shape.Any(d => d < 0) || strides.Any(s => s < 0) || (size > 0 && last >= storage.LongLength) || size > storage.LongLength)
            throw new InvalidInputException($"{path}: tensor '{name}' of shape [{string.Join(", ", shape)}] reaches beyond its storage of {storage.LongLength} values");
        if (IsRowMajor(shape, strides)) return TensorData.Of(storage.AsSpan((int)tensor.Offset, (int)size).ToArray(), shape).Reshaped(shape);
        var values = new float[size];
        Copy(0, tensor.Offset, 0);
        return TensorData.Of(values, shape).Reshaped(shape);

        long Copy(int dimension, long from, long to)
        {
            if (dimension == shape.Length)
            {
                values[to] = storage[from];
                return to + 1;
            }
            for (var i = 0L; i < shape[dimension]; i++) to = Copy(dimension + 1, from + i * strides[dimension], to);
            return to;
        }
    }

    private static bool IsRowMajor(long[] shape, long[] strides)
    {
        var expected = 1L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && strides[d] != expected) return false;
            expected *= shape[d];
        }
        return true;
    }

    private static int BytesOf(TorchStorage storage) => storage.Type switch
    {
        "DoubleStorage" or "LongStorage" => 8,
        "FloatStorage" or "IntStorage" => 4,
        "HalfStorage" or "BFloat16Storage" or "ShortStorage" => 2,
        _ => 1,
    };

    private static float[] ReadFloats(Stream stream, TorchStorage storage)
    {
        var width = BytesOf(storage);
        var values = new float[storage.Length];
        var buffer = new byte[1 << 16];
        for (var start = 0L; start < values.LongLength; start += buffer.Length / width)
        {
            var count = (int)Math.Min(buffer.Length / width, values.LongLength - start);
            stream.ReadExactly(buffer, 0, count * width);
            for (var i = 0; i < count; i++) values[start + i] = ToSingle(buffer.AsSpan(i * width), storage.Type);
        }
        return values;
    }

    private static float ToSingle(ReadOnlySpan<byte> bytes, string type) => type switch
    {
        "FloatStorage" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "HalfStorage" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "BFloat16Storage" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes) << 16),
        "DoubleStorage" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => 0, // an integer: its bytes are skipped
    };
}
