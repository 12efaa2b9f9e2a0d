using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

/// <summary>ONNX files that users bring, as exporters write them.</summary>
public sealed class UserGraphTests : IDisposable
{
    private const int Vocabulary = 821, Length = 8, Width = 24;
    private static readonly string[] Texts = ["a red mug", "tea towel", "", "the children's kite", "Plain blue cushion, moon"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dynamic_quantization_runs_item_by_item_and_inspect_says_so()
    {
        Write("n", ElementType.Int64, quantized: true);
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        var together = encoder.Texts!.Encode(Texts);
        for (var i = 0; i < Texts.Length; i++) Assert.Equal(encoder.Texts!.Encode(Texts[i])[0], together[i]);
        Assert.True(EncoderModels.Inspect(_folder.Path).OneByOne);

        Write("n", ElementType.Int64, quantized: false);
        Assert.False(EncoderModels.Inspect(_folder.Path).OneByOne);
    }

    [Fact]
    public void A_file_of_weights_that_is_cut_short_is_to_be_copied_again()
    {
        Write("n", ElementType.Int64, quantized: false, inlineBytes: 0);
        Encode(Texts);
        var weights = _folder.PathOf("model.onnx.data");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^1]);
        Assert.Equal($"{weights}: is cut short or damaged; copy it again from where model.onnx comes from", Assert.Throws<InvalidInputException>(() => Encode(Texts)).Message);
    }

    /// <summary>Of a run of four rows whose scale is over all of them, all are the same item's.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(16, false)]
    [InlineData(20, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    public void A_file_that_takes_one_number_of_rows_runs_as_it_is(int rows, bool quantized)
    {
        Write("n", ElementType.Int64, quantized);
        var expected = Encode(Texts);
        Write(rows, ElementType.Int64, quantized);
        Assert.Equal(expected, Encode(Texts), (a, b) => a.Zip(b).All(p => Math.Abs(p.First - p.Second) < 1e-5f));
    }

    [Theory]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Float32)]
    public void Ids_and_masks_are_given_in_the_type_that_the_file_takes(ElementType type)
    {
        Write("n", ElementType.Int64, quantized: false);
        var expected = Encode(Texts);
        Write("n", type, quantized: false);
        Assert.Equal(expected, Encode(Texts));
    }

    [Fact]
    public void Pictures_are_given_in_half_precision_where_the_file_takes_it()
    {
        WritePictures(ElementType.Float32);
        var expected = Encode(Pictures.Png(Pictures.Draw(40, 30)));
        WritePictures(ElementType.Float16);
        Assert.All(expected.Zip(Encode(Pictures.Png(Pictures.Draw(40, 30)))), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));

        float[] Encode(byte[] picture)
        {
            using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
            return encoder.Pictures!.Encode([(3, picture)])[0];
        }
    }

    [Fact]
    public void An_output_of_whole_numbers_is_no_vector()
    {
        WritePictures(ElementType.Float32, ElementType.Int64);
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        var refused = Assert.Throws<InvalidInputException>(() => encoder.Pictures!.Encode([(0, Pictures.Png(Pictures.Draw(40, 30)))]));
        Assert.StartsWith($"output 'vector' of {_folder.PathOf("model.onnx")} gives Int64; a vector is of floating-point numbers: name another output in the card", refused.Message);
    }

    // The mean of each channel.
    private void WritePictures(ElementType type, ElementType result = ElementType.Float32)
    {
        var graph = new Graph("mine");
        graph.Output("vector", graph.Input("pixels", type, ["n", 3, 16, 16]).Cast(ElementType.Float32).ReduceMean([2, 3]).Cast(result));
        graph.Save(_folder.PathOf("model.onnx"));
        File.WriteAllText(_folder.PathOf(EncoderCard.FileName), """{ "onnx": { "visual": { "file": "model.onnx", "input": "pixels", "output": "vector" } }, "image": { "resizeTo": 16, "crop": 16 } }""");
    }

    [Fact]
    public void A_type_that_texts_do_not_come_in_is_named()
    {
        Write("n", ElementType.UInt8, quantized: false);
        var message = Assert.Throws<InvalidInputException>(() => Encode(Texts)).Message;
        Assert.Contains("input 'ids' takes UInt8, not Int64", message);
        Assert.Contains("or export the file with inputs of", message);
    }

    [Fact]
    public void A_length_that_the_card_does_not_say_is_named()
    {
        Write("n", ElementType.Int64, quantized: false, length: Length + 1);
        Assert.Contains("input 'ids' takes the shape [n, 9], not [16, 8]", Assert.Throws<InvalidInputException>(() => Encode(Texts)).Message);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:5\nsize 9\n", "is a Git LFS pointer")]
    [InlineData("<html>", "is a web page")]
    public void What_lies_where_the_graph_was_wanted_is_called_by_its_name(string content, string what)
    {
        Write("n", ElementType.Int64, quantized: false);
        File.WriteAllText(_folder.PathOf("model.onnx.data"), content);
        var card = EncoderCard.Read(_folder.Path);
        File.WriteAllText(_folder.PathOf("model.onnx"), content);
        Assert.Contains(what, Assert.Throws<InvalidInputException>(() => Encoder.Open(_folder.Path, new RuntimeOptions())).Message);
        Assert.Contains(what, Assert.Throws<InvalidInputException>(() => Encoder.FilesOf(_folder.Path, card)).Message);
        Write("n", ElementType.Int64, quantized: false, inlineBytes: 0);
        File.WriteAllText(_folder.PathOf("model.onnx.data"), content);
        Assert.Contains($"model.onnx.data: {what}", Assert.Throws<InvalidInputException>(() => Encoder.Open(_folder.Path, new RuntimeOptions())).Message);
    }

    private float[][] Encode(params string[] texts)
    {
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        return [.. encoder.Texts!.Encode(texts)];
    }

    // The mean of words' rows, and a layer above it.
    private void Write(Dim rows, ElementType type, bool quantized, int length = Length, long inlineBytes = 1 << 20)
    {
        var graph = new Graph("mine");
        var random = new SeededRandom(5);
        var table = graph.Parameter("table", [Vocabulary, Width], Initializers.Normal(1));
        var (ids, mask) = (graph.Input("ids", type, [rows, length]), graph.Input("attention_mask", type, [rows, length]));
        var real = mask.Cast(ElementType.Float32).Unsqueeze(2);                                          // [B, T, 1]
        var mean = (table[ids.Cast(ElementType.Int64)] * real).ReduceSum([1]);                          // [B, W]
        graph.Initialize(random);
        var weight = TensorData.Of([.. Enumerable.Range(0, Width * Width).Select(i => (float)Math.Sin(i))], Width, Width);
        graph.Output("sentence", quantized ? Quantized() : mean.Gemm(graph.Constant(weight, "layer"), transB: true));
        graph.Save(_folder.PathOf("model.onnx"), maxInlineBytes: inlineBytes);
        File.Copy(Path.Combine(Beside.Checkout, "onnx-models", "clip-small", "merges.txt"), _folder.PathOf("merges.txt"), overwrite: true);
        File.WriteAllText(_folder.PathOf(EncoderCard.FileName),
            $$"""
            { "onnx": { "textual": { "file": "model.onnx", "input": "ids", "mask": "attention_mask", "output": "sentence" } },
              "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": {{Vocabulary}}, "length": {{Length}} } }
            """);

        // By one scale for all that is in the batch.
        Tensor Quantized()
        {
            var bytes = graph.Add("DynamicQuantizeLinear", Attributes.None, 3, mean);
            var integers = TensorData.Of(Array.ConvertAll(weight.As<float>(), w => (sbyte)(100 * w)), Width, Width);
            return graph.Add("MatMulInteger", bytes[0], graph.Constant(integers, "layer"), bytes[2]).Cast(ElementType.Float32) * bytes[1];
        }
    }
}
