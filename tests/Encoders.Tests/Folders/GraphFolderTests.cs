using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>Graphs that are no encoders, or not such as are read here. The files are written byte by byte: nothing here writes such graphs.</summary>
public sealed class GraphFolderTests : IDisposable
{
    private readonly PlantedFolder _folder = new();
    private readonly TemporaryFolder _target = new();

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData("If")]
    [InlineData("Loop")]
    [InlineData("Scan")]
    public Task A_graph_with_a_graph_inside_is_refused(string op) => RefusedAsync(Model(17, op, "pixel_values"), "onnx/model.onnx", op);

    [Fact]
    public Task An_older_opset_is_refused() => RefusedAsync(Model(6, "Relu", "pixel_values"), "onnx/model.onnx", "opset 6", "7 and later");

    [Fact]
    public Task Inputs_of_another_kind_are_named() => RefusedAsync(Model(17, "Relu", "input_features"), "onnx/model.onnx", "input_features", "pixel_values");

    [Fact]
    public Task What_is_no_graph_is_refused() => RefusedAsync([1, 2, 3], "onnx/model.onnx", "no ONNX file");

    [Fact]
    public Task A_graph_that_ONNX_Runtime_cannot_open_is_refused() => RefusedAsync(Model(17, "NoSuchOperator", "pixel_values"), "onnx/model.onnx", "NoSuchOperator", "export the model again");

    /// <summary>Exporters write -1 or 0 for a size that is free.</summary>
    [Fact]
    public void A_size_below_1_is_free()
    {
        var path = _target.PathOf("x.onnx");
        File.WriteAllBytes(path, Model(17, "Relu", "pixel_values", [-1, 3, 0, 16]));
        Assert.Equal([false, true, false, true], OnnxFile.Read(path).Inputs[0].Shape!.Select(size => size.IsFixed));
    }

    private async Task RefusedAsync(byte[] graph, params string[] words)
    {
        _folder.Pictures(outputs: "features");
        File.WriteAllBytes(Path.Combine(_folder.Path, "onnx/model.onnx"), graph);
        await Import.RefusedAsync(_folder.Path, _target.PathOf("t"), words);
        Assert.Empty(Directory.GetDirectories(_target.Path));
    }

    // One node from an input, [1, 3, 24, 16] unless other sizes are given, to an output [1, 3].
    private static byte[] Model(byte opset, string op, string input, int[]? sizes = null) =>
    [
        8, 8, // the format's version
        .. Field(7, [.. Field(1, [.. Text(1, input), .. Text(2, "y"), .. Text(4, op)]), .. Text(2, "g"), .. Field(11, Value(input, sizes ?? [1, 3, 24, 16])), .. Field(12, Value("y", [1, 3]))]),
        .. Field(8, [16, opset]),
    ];

    private static byte[] Value(string name, int[] sizes) =>
        [.. Text(1, name), .. Field(2, Field(1, [8, 1, .. Field(2, [.. sizes.SelectMany(size => Field(1, [8, .. size < 0 ? (byte[])[255, 255, 255, 255, 255, 255, 255, 255, 255, 1] : [(byte)size]]))])]))];

    private static byte[] Text(int number, string text) => Field(number, System.Text.Encoding.ASCII.GetBytes(text));

    private static byte[] Field(int number, byte[] content) => content.Length < 128
        ? [(byte)(number << 3 | 2), (byte)content.Length, .. content]
        : [(byte)(number << 3 | 2), (byte)(content.Length & 127 | 128), (byte)(content.Length >> 7), .. content];
}
