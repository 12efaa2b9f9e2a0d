using System.Runtime.InteropServices;
using LmmRec.Artifacts;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

public sealed class TorchFileTests : IDisposable
{
    private static readonly float[] Values = [1, 2, 3, 4, 5, 6];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("FloatStorage")]
    [InlineData("HalfStorage")]
    [InlineData("BFloat16Storage")]
    [InlineData("DoubleStorage")]
    public void Numbers_of_every_width_become_float32(string storage)
    {
        var path = PickleBuilder.Archive(_folder, Weight(p => p.Tensor(storage, "0", 6, [2, 3], [3, 1])), ("0", Encode(storage)));
        var tensor = Assert.Single(WeightsFile.Read(path));
        Assert.Equal("w", tensor.Key);
        Assert.Equal([2, 3], tensor.Value.Shape);
        Assert.Equal(Values, tensor.Value.As<float>());
    }

    [Fact]
    public void A_view_is_read_by_its_offset_and_strides()
    {
        var path = PickleBuilder.Archive(_folder, Weight(p => p.Tensor("FloatStorage", "0", 6, [2, 2], [1, 3], offset: 1)), ("0", Encode("FloatStorage")));
        Assert.Equal([2f, 5f, 3f, 6f], WeightsFile.Read(path)["w"].As<float>());
    }

    [Fact]
    public void Names_of_nested_dictionaries_are_joined()
    {
        var pickle = Weight(p => p.Dictionary("layer", q => q.Tensor("FloatStorage", "0", 6, [6], [1])), "state_dict");
        Assert.Equal(["state_dict.layer"], WeightsFile.Read(PickleBuilder.Archive(_folder, pickle, ("0", Encode("FloatStorage")))).Keys);
    }

    [Fact]
    public void Objects_of_TorchScript_classes_are_read_as_their_attributes()
    {
        // A module of a generated class, made without arguments, whose attributes are a number and another module with a tensor.
        var pickle = new PickleBuilder().Begin().Global("__torch__", "Clip").Op((byte)')', 0x81)
            .Dictionary("visual", p => p.Global("__torch__.model.___torch_mangle_7", "Vision").Op((byte)')', 0x81)
                .Dictionary("proj", q => q.Tensor("HalfStorage", "0", 6, [3, 2], [2, 1])).Op((byte)'b'))
            .Op((byte)'b').End().Bytes;
        var tensors = WeightsFile.Read(PickleBuilder.Archive(_folder, pickle, ("0", Encode("HalfStorage"))));
        Assert.Equal(Values, tensors["visual.proj"].As<float>());
    }

    /// <summary>What a training script keeps beside its model: hyper-parameters, the device, the time, the best score.</summary>
    [Fact]
    public void Values_beside_the_tensors_are_skipped_as_data()
    {
        var path = Written(p => p.Op((byte)'}', (byte)'(')
            .Text("w").Tensor("FloatStorage", "0", 6, [6], [1])
            .Text("device").Global("torch", "device").Op((byte)'(').Text("cuda").Number(0).Op((byte)'t', (byte)'R')
            .Text("dtype").Global("torch", "bfloat16")
            .Text("eight").Global("torch", "float8_e4m3fn")
            .Text("size").Global("torch", "Size").Op((byte)'(').Tuple(2, 3).Op((byte)'t', (byte)'R')
            .Text("best").Global("numpy._core.multiarray", "scalar").Op((byte)'(').Global("numpy", "dtype").Op((byte)'(').Text("f8").Op(0x89, 0x88, (byte)'t', (byte)'R', (byte)'C', 2, 0, 1, (byte)'t', (byte)'R')
            .Text("bytes").Global("_codecs", "encode").Op((byte)'(').Text("abc").Text("latin1").Op((byte)'t', (byte)'R')
            .Text("when").Global("datetime", "datetime").Op((byte)'C', 10, 7, 234, 11, 26, 0, 0, 0, 0, 0, 0, 0x85, (byte)'R')
            .Text("arguments").Global("argparse", "Namespace").Op((byte)')', 0x81).Dictionary("rate", q => q.Number(3)).Op((byte)'b')
            .Text("seen").Global("collections", "defaultdict").Global("__builtin__", "list").Op(0x85, (byte)'R').Text("a").Op((byte)']', (byte)'s')
            .Text("counts").Global("collections", "Counter").Dictionary("a", q => q.Number(2)).Op(0x85, (byte)'R')
            .Text("set").Op(0x8F, (byte)'(').Number(1).Op(0x90)
            .Op((byte)'u'));
        Assert.Equal(Values, Assert.Single(WeightsFile.Read(path)).Value.As<float>());
    }

    [Fact]
    public void Tensors_in_what_holds_the_hyper_parameters_are_read_under_its_name()
    {
        var path = Written(p => p.Dictionary("hparams", q => q.Global("argparse", "Namespace").Op((byte)')', 0x81).Dictionary("w", r => r.Tensor("FloatStorage", "0", 6, [6], [1])).Op((byte)'b')));
        Assert.Equal(["hparams.w"], WeightsFile.Read(path).Keys);
    }

    [Theory]
    [InlineData("f4", false, new float[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData("f4", true, new float[] { 1, 3, 5, 2, 4, 6 })] // the first index is the fastest
    [InlineData("f8", false, new float[] { 1, 2, 3, 4, 5, 6 })]
    public void Arrays_of_NumPy_are_tensors(string type, bool fortran, float[] expected)
    {
        var tensor = Assert.Single(WeightsFile.Read(Written(p => p.Dictionary("w", q => Array(q, type, "<", fortran, Encode(type == "f8" ? "DoubleStorage" : "FloatStorage"))))));
        Assert.Equal([2, 3], tensor.Value.Shape);
        Assert.Equal(expected, tensor.Value.As<float>());
    }

    [Fact]
    public void An_array_of_integers_is_skipped_and_one_whose_bytes_do_not_fill_it_is_broken()
    {
        Assert.Contains("holds no tensors", Refusal(Written(p => p.Dictionary("w", q => Array(q, "i8", "<", false, new byte[48])))));
        Assert.Contains("array 'w' has 20 bytes for 6 values", Refusal(Written(p => p.Dictionary("w", q => Array(q, "f4", "<", false, new byte[20])))));
    }

    private static void Array(PickleBuilder p, string type, string order, bool fortran, byte[] bytes) => p
        .Global("numpy.core.multiarray", "_reconstruct").Op((byte)'(').Global("numpy", "ndarray").Tuple(0).Op((byte)'C', 1, (byte)'b', (byte)'t', (byte)'R')
        .Op((byte)'(').Number(1).Tuple(2, 3)
        .Global("numpy", "dtype").Op((byte)'(').Text(type).Op(0x89, 0x88, (byte)'t', (byte)'R').Op((byte)'(').Number(3).Text(order).Op((byte)'N', (byte)'t', (byte)'b')
        .Op((byte)(fortran ? 0x88 : 0x89)).Op([(byte)'C', (byte)bytes.Length, .. bytes]).Op((byte)'t', (byte)'b');

    [Fact]
    public void A_long_value_is_skipped_and_one_that_claims_more_than_comes_is_broken()
    {
        var text = new string('x', 3_000_000);
        Assert.Single(WeightsFile.Read(Written(p => p.Op((byte)'}', (byte)'(').Text("log").Text(text).Text("w").Tensor("FloatStorage", "0", 6, [6], [1]).Op((byte)'u'))));
        Assert.Contains("broken or truncated", Refusal(Written(p => p.Op((byte)'B', 0xFF, 0xFF, 0xFF, 0x7F))));
    }

    [Fact]
    public void Tensors_of_other_types_in_a_safetensors_file_are_skipped()
    {
        var header = """{"w":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"step":{"dtype":"U64","shape":[1],"data_offsets":[24,32]}}"""u8;
        File.WriteAllBytes(_folder.PathOf("w.safetensors"), [.. BitConverter.GetBytes((long)header.Length), .. header, .. Encode("FloatStorage"), .. new byte[8]]);
        Assert.Equal(Values, Assert.Single(WeightsFile.Read(_folder.PathOf("w.safetensors"))).Value.As<float>());
    }

    [Fact]
    public void Two_tensors_of_one_name_are_refused()
    {
        var path = Written(p => p.Op((byte)'}', (byte)'(').Text("a.w").Tensor("FloatStorage", "0", 6, [6], [1])
            .Text("a").Dictionary("w", q => q.Tensor("FloatStorage", "0", 6, [6], [1])).Op((byte)'u'));
        Assert.Contains("two tensors that are both called 'a.w'", Refusal(path));
    }

    [Fact]
    public void Files_of_the_older_format_are_read()
    {
        byte[] magic = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];
        var path = _folder.PathOf("old.pth");
        File.WriteAllBytes(path,
        [
            .. new PickleBuilder().Begin().Op(magic).End().Bytes,
            .. new PickleBuilder().Begin().Number(1001).End().Bytes,
            .. new PickleBuilder().Begin().Op((byte)'}').End().Bytes,
            .. Weight(p => p.Tensor("FloatStorage", "94", 6, [6], [1], legacy: true)),
            .. new PickleBuilder().Begin().Op((byte)']', (byte)'(').Text("94").Op((byte)'e').End().Bytes,
            .. BitConverter.GetBytes(6L),
            .. Encode("FloatStorage"),
        ]);
        Assert.Equal(Values, WeightsFile.Read(path)["w"].As<float>());
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.nn.modules.linear", "Linear")]
    [InlineData("builtins", "getattr")]
    [InlineData("functools", "partial")]
    [InlineData("numpy", "load")]
    [InlineData("codecs", "encode")]
    public void A_hostile_pickle_is_refused_by_the_name_of_what_it_calls(string module, string name)
    {
        var pickle = new PickleBuilder().Begin().Global(module, name).Op((byte)'(').Text("touch /tmp/pwned").Op((byte)'t', (byte)'R').End().Bytes;
        Assert.Contains($"the pickle calls {module}.{name}", Refusal(PickleBuilder.Archive(_folder, pickle)));
    }

    [Fact]
    public void What_is_broken_is_refused_and_nothing_else_happens()
    {
        var good = Weight(p => p.Tensor("FloatStorage", "0", 6, [2, 3], [3, 1]));
        Assert.Contains("broken or truncated", Refusal(PickleBuilder.Archive(_folder, good[..^10], ("0", Encode("FloatStorage")))));
        Assert.Contains("lacks the numbers", Refusal(PickleBuilder.Archive(_folder, good)));
        Assert.Contains("where 6 values need 24", Refusal(PickleBuilder.Archive(_folder, good, ("0", new byte[20]))));
        var beyond = Weight(p => p.Tensor("FloatStorage", "0", 6, [2, 4], [3, 1]));
        Assert.Contains("reaches beyond its storage of 6 values", Refusal(PickleBuilder.Archive(_folder, beyond, ("0", Encode("FloatStorage")))));
        Assert.Contains("operation 0x82", Refusal(PickleBuilder.Archive(_folder, new PickleBuilder().Begin().Op(0x82, 1).End().Bytes)));
        Assert.Contains("holds no tensors", Refusal(PickleBuilder.Archive(_folder, new PickleBuilder().Begin().Op((byte)'}').End().Bytes)));

        // A dictionary that contains itself.
        Assert.Contains("nested deeper", Refusal(PickleBuilder.Archive(_folder, new PickleBuilder().Begin().Op((byte)'}', (byte)'q', 0).Text("x").Op((byte)'h', 0, (byte)'s').End().Bytes)));
        var path = PickleBuilder.Archive(_folder, good, ("0", Encode("FloatStorage")));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^40]);
        Assert.Contains("truncated or broken", Refusal(path));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("hello, no model")]
    public void A_file_of_another_format_is_told_what_is_allowed(string content)
    {
        File.WriteAllText(_folder.PathOf("model.pt"), content);
        Assert.Contains("allowed are .safetensors", Refusal(_folder.PathOf("model.pt")));
    }

    [Fact]
    public void Shards_are_read_by_their_index_and_only_beside_it()
    {
        SafeTensors.Write(_folder.PathOf("a.safetensors"), new Dictionary<string, TensorData> { ["x"] = TensorData.Of(Values) });
        SafeTensors.Write(_folder.PathOf("b.safetensors"), new Dictionary<string, TensorData> { ["y"] = TensorData.Of(Values) });
        var index = _folder.PathOf("model.safetensors.index.json");
        File.WriteAllText(index, """{ "weight_map": { "x": "a.safetensors", "y": "b.safetensors" } }""");
        Assert.Equal(["x", "y"], WeightsFile.Read(index).Keys.Order());
        File.WriteAllText(index, """{ "weight_map": { "x": "../a.safetensors" } }""");
        Assert.Contains("lies in another folder", Refusal(index));
        SafeTensors.Write(_folder.PathOf("b.safetensors"), new Dictionary<string, TensorData> { ["x"] = TensorData.Of(Values) });
        File.WriteAllText(index, """{ "weight_map": { "x": "a.safetensors", "y": "b.safetensors" } }""");
        Assert.Contains("'x' is in two of its shards", Refusal(index));
    }

    private string Written(Action<PickleBuilder> write)
    {
        var pickle = new PickleBuilder().Begin();
        write(pickle);
        return PickleBuilder.Archive(_folder, pickle.End().Bytes, ("0", Encode("FloatStorage")));
    }

    private static byte[] Weight(Action<PickleBuilder> value, string name = "w") => new PickleBuilder().Begin().Dictionary(name, value).End().Bytes;

    private static string Refusal(string path) => Assert.Throws<InvalidInputException>(() => WeightsFile.Read(path)).Message;

    private static byte[] Encode(string storage) => storage switch
    {
        "HalfStorage" => MemoryMarshal.AsBytes(Values.Select(v => (Half)v).ToArray().AsSpan()).ToArray(),
        "BFloat16Storage" => MemoryMarshal.AsBytes(Values.Select(v => (short)(BitConverter.SingleToInt32Bits(v) >> 16)).ToArray().AsSpan()).ToArray(),
        "DoubleStorage" => MemoryMarshal.AsBytes(Values.Select(v => (double)v).ToArray().AsSpan()).ToArray(),
        _ => MemoryMarshal.AsBytes(Values.AsSpan()).ToArray(),
    };
}
