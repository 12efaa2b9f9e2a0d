using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>Writes pickles operation by operation, as torch.save does, and files with them.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public PickleBuilder Op(params byte[] operation)
    {
        _bytes.AddRange(operation);
        return this;
    }

    public PickleBuilder Begin() => Op(0x80, 2);

    public PickleBuilder End() => Op((byte)'.');

    public PickleBuilder Global(string module, string name) => Op([(byte)'c', .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")]);

    public PickleBuilder Text(string text)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        return Op([(byte)'X', .. length, .. Encoding.ASCII.GetBytes(text)]);
    }

    public PickleBuilder Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return Op([(byte)'J', .. bytes]);
    }

    public PickleBuilder Tuple(params int[] numbers)
    {
        Op((byte)'(');
        foreach (var number in numbers) Number(number);
        return Op((byte)'t');
    }

    /// <summary>A tensor over the storage <paramref name="key"/>; in older files the reference has a sixth entry.</summary>
    public PickleBuilder Tensor(string storage, string key, int length, int[] shape, int[] strides, int offset = 0, bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op((byte)'(', (byte)'(').Text("storage").Global("torch", storage).Text(key).Text("cpu").Number(length);
        if (legacy) Op((byte)'N');
        return Op((byte)'t', (byte)'Q').Number(offset).Tuple(shape).Tuple(strides).Op(0x89, (byte)'}', (byte)'t', (byte)'R');
    }

    /// <summary>A dictionary of one entry.</summary>
    public PickleBuilder Dictionary(string key, Action<PickleBuilder> value)
    {
        Op((byte)'}').Text(key);
        value(this);
        return Op((byte)'s');
    }

    /// <summary>A file as torch.save has written it since 1.6.</summary>
    public static string Archive(TemporaryFolder folder, byte[] pickle, params (string Key, byte[] Numbers)[] storages)
    {
        var path = folder.PathOf("weights.pt");
        File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("weights/data.pkl", pickle);
        foreach (var (key, numbers) in storages) Add($"weights/data/{key}", numbers);
        return path;

        void Add(string name, byte[] content)
        {
            using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }
}
