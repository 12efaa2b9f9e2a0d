using System.IO.Compression;
using LmmRec.Artifacts;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>Files made to crash, hang or fill memory end in an error that names them.</summary>
public sealed class HostileWeightsTests : IDisposable
{
    private static readonly byte[] Magic = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];
    private static readonly byte[] Numbers = new byte[24];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"model.safetensors.index.json\"")]
    [InlineData("null")]
    [InlineData("\"..\"")]
    [InlineData("\"\"")]
    public void An_index_names_files_of_tensors_beside_it(string shard)
    {
        var path = _folder.PathOf("model.safetensors.index.json");
        File.WriteAllText(path, $$"""{ "weight_map": { "x": {{shard}} } }""");
        Assert.Contains("allowed are files of tensors beside the index", Refusal(path));
    }

    [Fact]
    public void References_into_references_are_no_deep_recursion() =>
        Refused(p => p.Op((byte)'}', (byte)'N').Op([.. Enumerable.Repeat((byte)'Q', 1_000_000)]).Op((byte)'N', (byte)'s'), "holds no tensors");

    [Fact]
    public void Dimensions_and_strides_are_counted()
    {
        Refused(Tensor(6, [2, .. Enumerable.Repeat(1, 1000)], [2, .. Enumerable.Repeat(1, 1000)]), "a tensor has 1001 dimensions and 1001 strides");
        Refused(Tensor(6, [2, 3], [3]), "a tensor has 2 dimensions and 1 strides");
        Refused(Tensor(-1, [0], [1]), "no storage of 0 to");
        Refused(Tensor(6, [-1], [1]), "a shape or stride is no number from 0");
        Refused(Tensor(6, [1], [1], offset: -1), "no storage, offset, shape and strides");
    }

    [Fact]
    public void Sizes_beyond_all_numbers_are_refused()
    {
        byte[] huge = [0x8A, 8, 0, 0, 0, 0, 0, 0, 0, 0x40]; // 2^62
        Refused(p => Weight(p, q => Call(q, b => b.Op(huge), b => b.Tuple(6), b => b.Tuple(1))), "no storage of 0 to");
        Refused(p => Weight(p, q => Call(q, b => b.Number(6), b => b.Tuple(5), b => b.Op((byte)'(').Op(huge).Op((byte)'t'))), "truncated or broken");
        Refused(p => Weight(p, q => Call(q, b => b.Number(6), b => b.Op((byte)'(').Op(huge).Op((byte)'t'), b => b.Tuple(0))), "reaches beyond its storage");

        static void Call(PickleBuilder p, Action<PickleBuilder> length, Action<PickleBuilder> shape, Action<PickleBuilder> strides)
        {
            p.Global("torch._utils", "_rebuild_tensor_v2").Op((byte)'(', (byte)'(').Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu");
            length(p);
            p.Op((byte)'t', (byte)'Q').Number(0);
            shape(p);
            strides(p);
            p.Op((byte)'t', (byte)'R');
        }
    }

    [Fact]
    public void An_empty_tensor_may_begin_anywhere()
    {
        Assert.Empty(WeightsFile.Read(Archive(Tensor(6, [0], [1], offset: 99)))["w"].As<float>());
        Assert.Empty(WeightsFile.Read(Archive(Tensor(6, [int.MaxValue, int.MaxValue, 0], [1, 1, 1])))["w"].As<float>());
    }

    [Fact]
    public void Dictionaries_that_contain_each_other_twice_end()
    {
        Refused(p =>
        {
            p.Op((byte)'}', 0x94);
            for (byte i = 0; i < 60; i++) p.Op((byte)'0', (byte)'}', 0x94).Text("a").Op((byte)'h', i, (byte)'s').Text("b").Op((byte)'h', i, (byte)'s');
        }, "contain each other over and over");
    }

    [Fact]
    public void A_pickle_that_inflates_or_never_ends_is_not_read()
    {
        var path = _folder.PathOf("weights.pt");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var entry = archive.CreateEntry("weights/data.pkl", CompressionLevel.Optimal).Open();
            for (var i = 0; i < 100; i++) entry.Write(Enumerable.Repeat((byte)'N', 1 << 16).ToArray());
        }
        Assert.Contains("more than the file has", Refusal(path));
        Refused(p => p.Op([.. Enumerable.Repeat((byte)'N', 5_000_000)]), "takes more than 4194304 operations");
    }

    [Fact]
    public void Lists_that_are_copied_count_each_time() => Refused(p =>
    {
        // One list of 100,000 pairs (the same one), and a call that copies it, again and again.
        p.Op((byte)']', (byte)'(').Op((byte)'K', 1, (byte)'K', 1, 0x86, 0x94);
        for (var i = 0; i < 100_000; i++) p.Op((byte)'h', 0);
        p.Op((byte)'e', 0x85, (byte)'q', 1);
        for (var i = 0; i < 100; i++) p.Global("collections", "OrderedDict").Op((byte)'h', 1, (byte)'R');
    }, "takes more than");

    [Fact]
    public void Tensors_over_the_same_numbers_are_no_more_than_the_file()
    {
        Refused(p =>
        {
            p.Op((byte)'}', (byte)'(');
            for (var i = 0; i < 200; i++) p.Text($"{i}").Tensor("FloatStorage", "0", 6000, [5999], [1]);
            p.Op((byte)'u');
        }, new byte[24000], "overlap so much");
        Refused(p => p.Op((byte)'}').Text("a").Tensor("FloatStorage", "0", 6, [6], [1]).Op((byte)'s').Text("b").Tensor("IntStorage", "0", 6, [6], [1]).Op((byte)'s'), "disagree on type or length of storage 0");
    }

    [Fact]
    public void Operations_on_what_is_not_there_are_broken()
    {
        Refused(p => p.Op((byte)'}', (byte)'(').Text("a").Op((byte)'u'), "key has no value");
        Refused(p => p.Op((byte)'N', (byte)'N', (byte)'N', (byte)'s'), "no Dictionary");
        Refused(p => p.Op((byte)'N', (byte)'N', (byte)'a'), "no List");
        Refused(p => p.Op((byte)'N', (byte)'N', 0x93), "has no name");
        Refused(p => p.Op((byte)'N', (byte)')', (byte)'R'), "is no function");
        Refused(p => p.Global("torch", "Size").Op((byte)')', (byte)'R'), "lacks its argument");
        Refused(p => p.Global("torch", "FloatStorage").Op((byte)')', (byte)'R'), "which is no function");
        Refused(p => p.Global("torch._utils", "_rebuild_tensor_v2").Op((byte)'N', (byte)'Q', 0x85, (byte)'R'), "no storage, offset, shape and strides");
    }

    [Fact]
    public void The_older_format_lists_the_storages_of_its_tensors()
    {
        Assert.Contains("lacks the storage 94", Refusal(Old(p => p.Op((byte)']'))));
        Assert.Contains("no list of storages", Refusal(Old(p => p.Op((byte)'N'))));
        Assert.Contains("belongs to no tensor", Refusal(Old(p => p.Op((byte)']', (byte)'N', (byte)'a'))));
    }

    [Fact]
    public void Ordered_dictionaries_of_python_2_are_read()
    {
        var path = Archive(p => p.Global("collections", "OrderedDict").Op((byte)']', (byte)']').Text("w").Op((byte)'a').Tensor("FloatStorage", "0", 6, [6], [1]).Op((byte)'a', (byte)'a', 0x85, (byte)'R'));
        Assert.Equal(6, WeightsFile.Read(path)["w"].As<float>().Length);
    }

    [Fact]
    public void Any_damage_ends_in_an_error_that_names_the_file_or_in_tensors()
    {
        SafeTensors.Write(_folder.PathOf("w.safetensors"), new Dictionary<string, TensorData> { ["a"] = TensorData.Of(new float[6], 2, 3), ["b"] = TensorData.Of(new float[2]) });
        string[] files = [_folder.PathOf("w.safetensors"), Archive(Tensor(6, [2, 2], [1, 3])), Old(p => p.Op((byte)']').Text("94").Op((byte)'a'))];
        foreach (var file in files)
        {
            var (good, random, damaged) = (File.ReadAllBytes(file), new SeededRandom(11), _folder.PathOf($"damaged{Path.GetExtension(file)}"));
            for (var i = 0; i < 3000; i++)
            {
                var bytes = (byte[])good.Clone();
                for (var flips = random.NextInt32(4); flips >= 0; flips--) bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
                File.WriteAllBytes(damaged, random.NextInt32(4) == 0 ? bytes[..random.NextInt32(bytes.Length)] : bytes);
                if (Record.Exception(() => WeightsFile.Read(damaged)) is not { } error) continue;
                Assert.True(error is InvalidInputException, $"{Path.GetFileName(file)} {i}: {error}");
                Assert.Contains(damaged, error.Message);
            }
        }
    }

    private static Action<PickleBuilder> Tensor(int length, int[] shape, int[] strides, int offset = 0) =>
        p => Weight(p, q => q.Tensor("FloatStorage", "0", length, shape, strides, offset));

    private static void Weight(PickleBuilder pickle, Action<PickleBuilder> value) => pickle.Dictionary("w", value);

    private static byte[] Pickle(Action<PickleBuilder> write)
    {
        var pickle = new PickleBuilder().Begin();
        write(pickle);
        return pickle.End().Bytes;
    }

    private string Archive(Action<PickleBuilder> write, byte[]? numbers = null) => PickleBuilder.Archive(_folder, Pickle(write), ("0", numbers ?? Numbers));

    private string Old(Action<PickleBuilder> keys)
    {
        var path = _folder.PathOf("old.pth");
        File.WriteAllBytes(path,
        [
            .. Pickle(p => p.Op(Magic)), .. Pickle(p => p.Number(1001)), .. Pickle(p => p.Op((byte)'}')),
            .. Pickle(p => Weight(p, q => q.Tensor("FloatStorage", "94", 6, [6], [1], legacy: true))), .. Pickle(keys), .. BitConverter.GetBytes(6L), .. Numbers,
        ]);
        return path;
    }

    private void Refused(Action<PickleBuilder> write, string why) => Refused(write, Numbers, why);

    private void Refused(Action<PickleBuilder> write, byte[] numbers, string why) => Assert.Contains(why, Refusal(Archive(write, numbers)));

    private static string Refusal(string path)
    {
        var message = Assert.Throws<InvalidInputException>(() => WeightsFile.Read(path)).Message;
        Assert.Contains(path, message);
        return message;
    }
}
