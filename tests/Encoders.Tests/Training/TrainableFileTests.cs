using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Training;

/// <summary>ONNX files that users bring, each with what its card says of it.</summary>
public sealed class TrainableFileTests : IDisposable
{
    private const int Vocabulary = 821, Length = 8, Width = 12, Side = 16;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mean", ElementType.Int64)]
    [InlineData("cls", ElementType.Int32)]
    [InlineData("last", ElementType.Float32)]
    public void Types_pooling_dimensions_and_length_are_as_the_encoder_has_them(string pooling, ElementType ids)
    {
        Write("n", pooling, ids);
        AssertSame(TrainableEncoder.Open(_folder.Path));
    }

    [Fact]
    public void A_file_of_a_fixed_number_of_rows_is_trained_with_any_where_its_operators_go_along()
    {
        Write(1, "mean", ElementType.Int64);
        AssertSame(TrainableEncoder.Open(_folder.Path));

        Write(1, "mean", ElementType.Int64, writesRowsDown: true);
        Assert.Contains("free first axis", Assert.Throws<InvalidInputException>(() => TrainableEncoder.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_one_name_in_two_files_are_two_and_the_numbers_of_a_formula_are_not_trained()
    {
        Write("n", "mean", ElementType.Int64);
        var parameters = TrainableEncoder.Open(_folder.Path).TuningGraph(TuningLoss.Itc).Graph.Parameters;
        Assert.Equal(["logit_scale", "table", "textual:layer", "visual:layer"], parameters.Where(p => p.Trainable).Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["half"], parameters.Where(p => !p.Trainable).Select(p => p.Name));

        var zeros = new Dictionary<string, TensorData> { ["textual:layer"] = TensorData.Zeros(ElementType.Float32, Width, Width) };
        TrainableEncoder.Open(_folder.Path).Write(_folder.PathOf("tuned"), "tuned", zeros.GetValueOrDefault, [], half: false);
        var (before, after) = (Vectors.Of(_folder.Path), Vectors.Of(_folder.PathOf("tuned")));
        Assert.Equal(before.Visual, after.Visual);
        Assert.All(after.Textual, vector => Assert.All(vector, v => Assert.Equal(0, v)));
        Assert.True(File.Exists(_folder.PathOf("tuned/text.onnx.data"))); // where the weights lay before
    }

    private void AssertSame(TrainableEncoder encoder)
    {
        var (expected, actual) = (Vectors.Of(_folder.Path), Vectors.Of(encoder));
        Vectors.AssertClose(expected.Visual, actual.Visual);
        Vectors.AssertClose(expected.Textual, actual.Textual);
        Assert.Equal(10, actual.Textual[0].Length);
    }

    private void Write(Dim rows, string pooling, ElementType type, bool writesRowsDown = false)
    {
        var text = new Graph("text");
        var (ids, types, mask) = (text.Input("words", type, [rows, Length]), text.Input("kinds", type, [rows, Length]), text.Input("real", type, [rows, Length]));
        var table = text.Parameter("table", [Vocabulary, Width], Initializers.Normal(1));
        var rowsOfTable = table[(ids.Cast(ElementType.Int64) + types.Cast(ElementType.Int64)) * mask.Cast(ElementType.Int64)];  // [B, T, W]
        var hidden = rowsOfTable.MatMul(text.Parameter("layer", [Width, Width], Initializers.Normal(1))) * text.Parameter("half", TensorData.Scalar(0.5f));
        if (writesRowsDown) hidden = hidden.Reshape(text.Integers(1, Length, Width));
        text.Output("hidden", hidden);
        text.Initialize(new SeededRandom(5));
        text.Save(_folder.PathOf("text.onnx"), maxInlineBytes: 0);

        var picture = new Graph("picture");
        var means = picture.Input("photo", ElementType.Float32, [rows, Side, Side, 3]).ReduceMean([1, 2]);                        // [B, 3]
        picture.Output("vector", means.MatMul(picture.Parameter("layer", [3, 10], Initializers.Normal(1))).Unsqueeze(2, 3));
        picture.Initialize(new SeededRandom(6));
        picture.Save(_folder.PathOf("picture.onnx"));
        File.Copy(Path.Combine(Beside.Checkout, "onnx-models", "clip-small", "merges.txt"), _folder.PathOf("merges.txt"), overwrite: true);
        File.WriteAllText(_folder.PathOf(EncoderCard.FileName), $$"""
            { "onnx": {
                "visual": { "file": "picture.onnx", "input": "photo", "output": "vector" },
                "textual": { "file": "text.onnx", "input": "words", "mask": "real", "types": "kinds", "output": "hidden", "pooling": "{{pooling}}", "dimensions": 10, "unitLength": true } },
              "image": { "resizeTo": {{Side}}, "crop": {{Side}} },
              "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": {{Vocabulary}}, "length": {{Length}} } }
            """);
    }
}
