using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

/// <summary>What a card can say of a tower, on graphs whose output is known: the vector of a token is (1, id, position, 0).</summary>
public sealed class TowerTests : IDisposable
{
    private const string Text = "\"text\": { \"file\": \"merges.txt\", \"vocabulary\": 821, \"length\": 8 }";

    private readonly TemporaryFolder _folder = new();

    public TowerTests() => File.Copy(Path.Combine(Beside.Checkout, "onnx-models", "clip-small", "merges.txt"), _folder.PathOf("merges.txt"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cls", 0)]
    [InlineData("last", 3)]
    public void A_vector_is_that_of_the_token_that_the_pooling_names(string pooling, int position)
    {
        WriteTokens();
        var (ids, vector) = Encode($$""" "pooling": "{{pooling}}" """, "x x");
        Assert.Equal(4, ids.Length);
        Assert.Equal([1, ids[position], position, 0], vector);
    }

    [Fact]
    public void A_mean_leaves_padding_out()
    {
        WriteTokens();
        var (ids, vector) = Encode(""" "pooling": "mean" """, "x x");
        Assert.Equal([1, ids.Average(id => (float)id), 1.5f, 0], vector, (a, b) => Math.Abs(a - b) < 1e-4f);
    }

    /// <summary>Cut first, then brought to length 1: the other order would leave it shorter.</summary>
    [Fact]
    public void The_first_dimensions_are_kept_and_brought_to_length_1()
    {
        WriteTokens();
        var (ids, vector) = Encode(""" "pooling": "last", "dimensions": 2, "unitLength": true """, "x x");
        var length = MathF.Sqrt(1 + ids[^1] * ids[^1]);
        Assert.Equal([1 / length, ids[^1] / length], vector, (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void A_prefix_stands_before_every_text()
    {
        WriteTokens();
        var tower = """ "pooling": "mean" """;
        Assert.Equal(Encode(tower, "query: a red mug").Vector, Encode(tower, "a red mug", Text.Replace("\"file\"", "\"prefix\": \"query: \", \"file\"", StringComparison.Ordinal)).Vector);
    }

    [Fact]
    public void Padding_has_the_id_that_the_card_gives()
    {
        var graph = new Graph("mine");
        graph.Output("y", graph.Input("ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32));
        graph.Save(_folder.PathOf("model.onnx"));
        Assert.Equal([7, 7, 7, 7], Encode("", "x x", Text.Replace("\"file\"", "\"padId\": 7, \"file\"", StringComparison.Ordinal)).Vector[4..]);
    }

    [Fact]
    public void Vectors_of_tokens_without_a_pooling_are_refused_and_the_keys_named()
    {
        WriteTokens();
        Assert.Contains("output 'y' of", Refusal("", run: true));
        Assert.Contains("gives [16, 8, 4] for 16 items; allowed is one vector per item, [16, F]: say in the card how tokens' vectors become one (pooling: cls, mean or last)", Refusal("", run: true));
    }

    [Fact]
    public void A_pooling_of_one_vector_and_more_dimensions_than_there_are_are_refused()
    {
        WriteSums(graphOutput => graphOutput);
        Assert.Contains("pooling takes vectors of tokens", Refusal("\"pooling\": \"mean\"", run: true));
        Assert.Contains("gives vectors of 1 numbers; the card asks for the first 2", Refusal("\"dimensions\": 2", run: false));
    }

    /// <summary>As BERT's files have it: the tanh of a layer on the first token, beside the vectors of all tokens.</summary>
    [Fact]
    public void An_output_of_a_pooler_is_warned_about()
    {
        var graph = new Graph("bert");
        var tokens = graph.Input("ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32).Unsqueeze(2);
        graph.Output("y", tokens.Slice(1, 0, 1).Squeeze(1).Tanh());
        graph.Output("tokens", tokens * 2);
        graph.Save(_folder.PathOf("model.onnx"));
        WriteTextCard("", Text);
        Assert.Contains("onnx.textual.output: 'y' is the output of a pooler", Assert.Single(EncoderModels.Inspect(_folder.Path).Warnings));
        WriteTextCard("\"pooling\": \"mean\"", Text, output: "tokens");
        Assert.Empty(EncoderModels.Inspect(_folder.Path).Warnings);
    }

    [Fact]
    public void Axes_of_size_1_at_the_end_are_left_out()
    {
        WriteSums(y => y);
        var expected = Encode("", "x x").Vector;
        WriteSums(y => y.Unsqueeze(2, 3));
        Assert.Equal(expected, Encode("", "x x").Vector);
    }

    [Fact]
    public void A_tokenizer_of_more_ids_than_the_table_has_rows_is_refused()
    {
        var graph = new Graph("mine");
        graph.Output("y", graph.Parameter("table", TensorData.Of(new float[820 * 2], 820, 2), trainable: false)[graph.Input("ids", ElementType.Int64, ["n", "t"])].ReduceSum([1]));
        graph.Save(_folder.PathOf("model.onnx"));
        Assert.Contains("the table that 'ids' picks from has 820 rows; merges.txt gives 821 ids, so it is another encoder's", Refusal("", run: false));
    }

    /// <summary>The first number of a vector is how many texts ran with it.</summary>
    [Theory]
    [InlineData(512, 16)]
    [InlineData(513, 8)]
    [InlineData(1024, 8)]
    [InlineData(8192, 1)]
    public void Of_long_texts_fewer_run_at_once(int length, int rows)
    {
        var graph = new Graph("mine");
        var sums = graph.Input("ids", ElementType.Int64, ["n", "t"]).Cast(ElementType.Float32).ReduceSum([1], keepDims: true); // [n, 1]
        graph.Output("y", graph.Concat(1, sums * 0 + (sums * 0 + 1).ReduceSum([0], keepDims: true), sums));
        graph.Save(_folder.PathOf("model.onnx"));
        WriteTextCard("", Text.Replace("8 }", $"{length} }}", StringComparison.Ordinal));
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        var vectors = encoder.Texts!.Encode([(0, "x"), (3, "x"), (15, "x x")]);
        Assert.All(vectors, vector => Assert.Equal(rows, vector[0]));
        Assert.Equal(vectors[0], vectors[1]); // each row is its own text's, whichever run it was in
        Assert.NotEqual(vectors[0], vectors[2]);
    }

    [Fact]
    public void An_input_that_no_tower_names_is_refused_by_its_name()
    {
        WriteTokens(more: graph => graph.Input("position_ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32));
        Assert.Contains("the card names ids; name 'position_ids' in the card's section onnx, or export the file without it", Refusal("\"pooling\": \"mean\"", run: false));
    }

    /// <summary>Each tower's vector has the sum of the other one's in it, so it shows what was fed there.</summary>
    [Fact]
    public void A_file_of_both_towers_is_fed_one_row_for_the_tower_that_is_not_asked()
    {
        var graph = new Graph("joint");
        var (ids, mask, pixels) = (graph.Input("ids", ElementType.Int64, ["texts", "t"]), graph.Input("mask", ElementType.Int64, ["texts", "t"]), graph.Input("pixels", ElementType.Float32, ["pictures", 3, 16, 16]));
        var (texts, pictures) = ((ids * mask).Cast(ElementType.Float32).ReduceSum([1], keepDims: true), pixels.ReduceMean([1, 2, 3]).Unsqueeze(1));
        graph.Output("text", graph.Concat(1, texts, texts * 0 + pictures.ReduceSum([0], keepDims: true)));
        graph.Output("picture", graph.Concat(1, pictures, pictures * 0 + texts.ReduceSum([0], keepDims: true)));
        graph.Save(_folder.PathOf("model.onnx"));
        Write($$"""
            { "onnx": { "visual": { "file": "model.onnx", "input": "pixels", "output": "picture" }, "textual": { "file": "model.onnx", "input": "ids", "mask": "mask", "output": "text" } },
              "image": { "resizeTo": 16, "crop": 16 }, {{Text}} }
            """);
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        var picture = encoder.Pictures!.Encode([(0, Pictures.Png(Pictures.Draw(16, 16)))])[0];
        Assert.Equal(1, picture[1]); // one token of id 1
        Assert.Equal(0, encoder.Texts!.Encode("x x")[0][1]); // one black picture
    }

    [Fact]
    public void Pictures_are_given_with_their_channels_last_where_the_file_takes_them_so()
    {
        var picture = Pictures.Png(Pictures.Draw(24, 16));
        float[] Mean(Func<Graph, Tensor> input, params int[] axes)
        {
            var graph = new Graph("mine");
            graph.Output("y", input(graph).ReduceMean(axes));
            graph.Save(_folder.PathOf("model.onnx"));
            Write("""{ "onnx": { "visual": { "file": "model.onnx", "input": "x", "output": "y" } }, "image": { "resize": "none", "crop": [16, 24] } }""");
            using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
            return encoder.Pictures!.Encode([(1, picture)])[0];
        }

        var expected = Mean(graph => graph.Input("x", ElementType.Float32, ["n", 3, 16, 24]), 2, 3);
        Assert.Equal(expected, Mean(graph => graph.Input("x", ElementType.Float32, ["n", 16, 24, 3]), 1, 2), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void A_mean_image_comes_from_the_file_that_the_card_names()
    {
        var graph = new Graph("mine");
        graph.Output("y", graph.Input("x", ElementType.Float32, ["n", 3, 8, 8]).ReduceMean([2, 3]));
        graph.Save(_folder.PathOf("model.onnx"));
        Write("""{ "onnx": { "visual": { "file": "model.onnx", "input": "x", "output": "y" } }, "image": { "resize": "none", "crop": 8, "rescale": 1, "mean": [0, 0, 0], "std": [1, 1, 1], "meanImage": "mean.safetensors" } }""");
        var file = _folder.PathOf("mean.safetensors");
        Assert.Contains($"{file}: is missing; the card names it as image.meanImage", Assert.Throws<InvalidInputException>(() => Encode(100)).Message);
        Mean(new float[3 * 8 * 9], 3, 8, 9);
        Assert.Contains("'mean' is [3, 8, 9]; the input takes 'mean' [3, 8, 8]", Assert.Throws<InvalidInputException>(() => Encode(100)).Message);
        Mean([.. Enumerable.Range(0, 192).Select(i => i / 64 * 10f)], 3, 8, 8);
        Assert.Equal([100, 90, 80], Encode(100));
        Assert.Contains("mean.safetensors", Encoder.FilesOf(_folder.Path, EncoderCard.Read(_folder.Path)));

        void Mean(float[] values, params long[] shape) => SafeTensors.Write(file, new Dictionary<string, TensorData> { ["mean"] = TensorData.Of(values, shape) });

        float[] Encode(byte grey)
        {
            using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
            return encoder.Pictures!.Encode([(0, Pictures.Png(new RgbImage(8, 8, [.. Enumerable.Repeat(grey, 192)])))])[0];
        }
    }

    private void WriteTokens(Func<Graph, Tensor>? more = null)
    {
        var graph = new Graph("mine");
        var ids = graph.Input("ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32).Unsqueeze(2);                      // [B, T, 1]
        var positions = graph.Constant(TensorData.Of([.. Enumerable.Range(0, 8).Select(i => (float)i)], 1, 8, 1));
        var y = graph.Concat(2, ids * 0 + 1, ids, ids * 0 + positions, ids * 0);                                              // [B, T, 4]
        graph.Output("y", more is null ? y : y + more(graph).Unsqueeze(2));
        graph.Save(_folder.PathOf("model.onnx"));
    }

    // One number per text: the sum of its ids.
    private void WriteSums(Func<Tensor, Tensor> shape)
    {
        var graph = new Graph("mine");
        graph.Output("y", shape(graph.Input("ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32).ReduceSum([1], keepDims: true)));
        graph.Save(_folder.PathOf("model.onnx"));
    }

    private (float[] Ids, float[] Vector) Encode(string tower, string content, string text = Text)
    {
        WriteTextCard(tower, text);
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        var tokens = encoder.Texts!.Tokenize(content);
        return ([.. tokens.Ids[..tokens.Count].Select(id => (float)id)], encoder.Texts.Encode([(5, content)])[0]);
    }

    private string Refusal(string tower, bool run)
    {
        WriteTextCard(tower, Text);
        if (!run) return Assert.Throws<InvalidInputException>(() => Encoder.Open(_folder.Path, new RuntimeOptions())).Message;
        using var encoder = Encoder.Open(_folder.Path, new RuntimeOptions());
        return Assert.Throws<InvalidInputException>(() => encoder.Texts!.Run(encoder.Texts.NewBatch(8))).Message;
    }

    private void WriteTextCard(string tower, string text, string output = "y") =>
        Write($$"""{ "onnx": { "textual": { "file": "model.onnx", "input": "ids", "output": "{{output}}"{{(tower == "" ? "" : ", " + tower)}} } }, {{text}} }""");

    private void Write(string card) => File.WriteAllText(_folder.PathOf(EncoderCard.FileName), card);
}
