using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Weights;

/// <summary>
/// Reads the tensors of a PyTorch file: a zip archive (torch.save since 1.6, and TorchScript) or the older run of pickles followed by the numbers.
/// Names are the keys on the way to a tensor, joined by dots. Arrays of NumPy are tensors too. Integers are left out: no encoder has weights of them.
/// </summary>
internal static class TorchFile
{
    private const byte PickleProtocol = 0x80; // what a pickle begins with
    private const int Deepest = 64; // dictionaries in dictionaries; a pickle can contain itself

    // Characters of all names together, and one for each entry: a pickle of some hundred bytes can hold a dictionary twice in itself, sixty times over.
    private const int MostNames = 1 << 25;

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
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
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
        // torch.save does not compress, so what the file is too short for is no length to believe.
        if (pickle.Length > file.Length) throw new InvalidInputException($"{path}: {pickle.FullName} inflates to {pickle.Length} bytes, more than the file has; torch.save did not write it");
        object? root;
        using (var stream = new BufferedStream(pickle.Open())) root = Unpickle(stream, path);

        var left = file.Length;
        return Collect(root, file, storages => storages.Where(s => TorchObjects.IsFloat(s.Type)).ToDictionary(s => s.Key, s =>
        {
            var entry = archive.GetEntry($"{folder}data/{s.Key}") ?? throw new InvalidInputException($"{path}: the archive lacks the numbers {folder}data/{s.Key}");
            left -= entry.Length;
            if (entry.Length != s.Length * BytesOf(s) || left < 0)
                throw new InvalidInputException($"{path}: {entry.FullName} has {entry.Length} bytes where {s.Length} values need {s.Length * BytesOf(s)} and the file has {file.Length}");
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
        if (Unpickle(file, path) is not List<object?> keys) throw new InvalidDataException("it has no list of storages");
        return Collect(root, file, storages =>
        {
            var byKey = storages.ToDictionary(s => s.Key);
            var floats = new Dictionary<string, float[]>();
            Span<byte> length = stackalloc byte[8];
            foreach (var key in keys)
            {
                file.ReadExactly(length);
                // Storages of integers are among the keys too, so every one that is named by a tensor is known here.
                if (key is not string name || !byKey.TryGetValue(name, out var storage)) throw new InvalidInputException($"{path}: storage {key} belongs to no tensor; the file cannot be read");
                if (BinaryPrimitives.ReadInt64LittleEndian(length) != storage.Length || storage.Length > (file.Length - file.Position) / BytesOf(storage)) throw new InvalidInputException($"{path}: storage {key} has another length than its tensors say, or the file is truncated");
                if (TorchObjects.IsFloat(storage.Type)) floats[name] = ReadFloats(file, storage);
                else file.Position += storage.Length * BytesOf(storage);
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

    private static Dictionary<string, TensorData> Collect(object? root, FileStream file, Func<IReadOnlyList<TorchStorage>, Dictionary<string, float[]>> read)
    {
        var (path, namesLeft, tensors) = (file.Name, MostNames, new Dictionary<string, TorchTensor>(StringComparer.Ordinal));
        Walk(root, "", 0);
        if (tensors.Count == 0) throw new InvalidInputException($"{path}: holds no tensors");
        var storages = tensors.Values.Select(t => t.Storage).Where(s => s.Bytes is null).Distinct().ToList();
        if (storages.GroupBy(s => s.Key).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new InvalidInputException($"{path}: tensors disagree on type or length of storage {twice.Key}");
        var numbers = read(storages);
        var (views, left) = (new Dictionary<string, TensorData>(StringComparer.Ordinal), file.Length);
        foreach (var (name, tensor) in tensors.Where(t => TorchObjects.IsFloat(t.Value.Storage.Type)))
        {
            if (tensor.Storage.Bytes is not null && (left -= tensor.Storage.Length) < 0) throw Overlapping(path);
            var storage = tensor.Storage.Bytes is { } inline ? ReadInline(inline, tensor.Storage, name)
                : numbers.TryGetValue(tensor.Storage.Key, out var found) ? found
                : throw new InvalidInputException($"{path}: lacks the storage {tensor.Storage.Key} of tensor '{name}'");
            var view = TorchView.Of(name, tensor, storage, path);
            if (view.Values != storage) left -= view.Values.LongLength; // a copy: many of one storage would be more than any file holds
            if (left < 0) throw Overlapping(path);
            views[name] = view;
        }
        return views;

        void Walk(object? value, string name, int depth)
        {
            namesLeft -= 1 + name.Length;
            if (namesLeft < 0) throw new InvalidInputException($"{path}: its dictionaries have more entries than any file of tensors needs, or contain each other over and over");
            if (depth > Deepest) throw new InvalidInputException($"{path}: dictionaries are nested deeper than {Deepest}");
            if ((value as TorchTensor ?? (value is PickleObject array ? TorchObjects.ArrayOf(array) : null)) is { } tensor && !tensors.TryAdd(name, tensor)) throw new InvalidInputException($"{path}: holds two tensors that are both called '{name}'");
            var inner = (value is PickleObject @object ? @object.State : value) as Dictionary<object, object?>;
            foreach (var (key, child) in inner ?? []) Walk(child, name.Length == 0 ? $"{key}" : $"{name}.{key}", depth + 1);
        }
    }

    private static InvalidInputException Overlapping(string path) => new($"{path}: its tensors overlap so much that together they are many times the file; they are not read");

    private static float[] ReadInline(object inline, TorchStorage storage, string name)
    {
        var bytes = inline as byte[] ?? Encoding.Latin1.GetBytes((string)inline);
        if (bytes.LongLength != storage.Length * BytesOf(storage)) throw new InvalidDataException($"array '{name}' has {bytes.LongLength} bytes for {storage.Length} values");
        return ReadFloats(new MemoryStream(bytes), storage);
    }

    private static int BytesOf(TorchStorage storage) => storage.Type switch
    {
        "ComplexDoubleStorage" => 16,
        "DoubleStorage" or "LongStorage" or "ComplexFloatStorage" => 8,
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
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };
}
