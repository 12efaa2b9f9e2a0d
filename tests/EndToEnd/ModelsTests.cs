using System.Text.Json.Nodes;
using LmmRec.Encoders.Tests.Weights;
using LmmRec.Graphs;

namespace LmmRec.EndToEnd;

public sealed class ModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("init")]
    [InlineData("import")]
    public async Task An_unknown_encoder_is_a_wrong_argument(string command)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", command, "clip-vit-b17")).Expect(2);
        Assert.Contains("'lmmrec models list' lists the encoders", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy.example.com:3128")]
    [InlineData("ftp://me:secret@proxy.example.com")]
    public async Task What_is_no_address_of_a_proxy_is_a_wrong_argument(string proxy)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", "import", "clip-vit-b16", "--proxy", proxy)).Expect(2);
        Assert.Contains("allowed are http, https and socks5", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_says_what_the_names_in_the_file_begin_with()
    {
        var (card, file) = (Beside.Case("20-weights-prefixes/card"), Beside.Case("20-weights-prefixes/files/two-models.safetensors"));
        var refused = (await Lmmrec.RunAsync(_folder.Path, "models", "import", card, "--weights", file, "--target", "t")).Expect(1);
        Assert.Contains("'model.' and 'module.'; choose one with --prefix", refused.Error, StringComparison.Ordinal);
        var taken = (await Lmmrec.RunAsync(_folder.Path, "models", "import", card, "--weights", file, "--target", "t", "--prefix", "module.")).Expect(0);
        Assert.Contains("whose names in the file begin with 'module.'", taken.Output, StringComparison.Ordinal);
        Assert.Contains($"left over in the file: 39 more under 'model.'{Environment.NewLine}", taken.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_becomes_an_encoder_whose_card_says_where_its_values_come_from()
    {
        var imported = (await Lmmrec.RunAsync(_folder.Path, "models", "import", Beside.Fixture("hf-folders/dinov2-tiny"))).Expect(0);
        Assert.Contains("pictures: onnx/model.onnx, output last_hidden_state", imported.Output, StringComparison.Ordinal);
        var shown = (await Lmmrec.RunAsync(_folder.Path, "models", "inspect", "dinov2-tiny")).Expect(0);
        Assert.Contains("crop 224: preprocessor_config.json, crop_size", shown.Output, StringComparison.Ordinal);
        var listed = (await Lmmrec.RunAsync(_folder.Path, "models", "list")).Expect(0);
        Assert.Contains("dinov2-tiny", listed.Output, StringComparison.Ordinal);

        var picture = Beside.Fixture("hf-folders/pictures/drawn.png");
        var encoded = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", "dinov2-tiny", "--image", picture, "--image", picture)).Expect(0);
        var items = JsonNode.Parse(encoded.Output)!.AsArray();
        Assert.Equal(picture, (string)items[1]!["image"]!);
        Assert.Equal(32, items[0]!["vector"]!.AsArray().Count);
        Assert.Equal(items[0]!["vector"]!.ToJsonString(), items[1]!["vector"]!.ToJsonString());

        var bad = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", "dinov2-tiny", "--image", "onnx-models/dinov2-tiny/card.json")).Expect(1);
        Assert.StartsWith("onnx-models/dinov2-tiny/card.json: ", bad.Error, StringComparison.Ordinal);
        Assert.Equal("", bad.Output);
        var texts = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", "dinov2-tiny", "--text", "a")).Expect(2);
        Assert.Contains("--text: the encoder reads no texts", texts.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_file_where_a_file_is_wanted_is_a_wrong_argument()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", "clip-small", "--image", "none.jpg", "--image", ".")).Expect(2);
        Assert.Equal(["--image none.jpg: there is no such file", "--image .: is a folder; --image takes a file"], ended.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        await File.WriteAllTextAsync(_folder.PathOf("t.txt"), "a", TestContext.Current.CancellationToken);
        var text = (await Lmmrec.RunAsync(_folder.Path, "models", "inspect", "t.txt")).Expect(2);
        Assert.StartsWith("'t.txt': is neither a folder with a card nor an ONNX file", text.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encoding_says_what_became_of_a_text()
    {
        (await Lmmrec.RunAsync(_folder.Path, "models", "import", Beside.Fixture("hf-folders/all-MiniLM-tiny"), "--target", "t")).Expect(0);
        var encoded = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", "t", "--text", "Größe", "--text", string.Concat(Enumerable.Repeat("mug ", 300)))).Expect(0);
        var items = JsonNode.Parse(encoded.Output)!.AsArray();
        Assert.Equal(("Größe", false), ((string)items[0]!["text"]!, (bool)items[0]!["truncated"]!));
        Assert.Equal((256, true), ((int)items[1]!["tokens"]!, (bool)items[1]!["truncated"]!));
        Assert.Equal(101, (int)items[0]!["ids"]![0]!);
    }

    [Fact]
    public async Task A_hub_of_the_users_own_is_asked_and_shown_the_token_that_nobody_else_sees()
    {
        const string token = "hf_secret";
        var root = Beside.Fixture("hf-folders/dinov2-tiny");
        using var server = new FileServer();
        foreach (var file in Directory.GetFiles(root, "*", SearchOption.AllDirectories)) server[$"/org/dinov2-tiny/resolve/v2/{Path.GetRelativePath(root, file)}"] = File.ReadAllBytes(file);
        string[] environment = [$"HF_ENDPOINT={server.Address}", $"HF_TOKEN={token}"];
        var imported = (await Lmmrec.RunUnderAsync(_folder.Path, environment, "models", "import", "hf:org/dinov2-tiny@v2")).Expect(0);
        Assert.All(server.Requests, request => Assert.Equal($"Bearer {token}", request.Authorization));
        Assert.DoesNotContain(token, imported.Output + imported.Error, StringComparison.Ordinal);
        Assert.Contains("hf:org/dinov2-tiny@v2", (await Lmmrec.RunAsync(_folder.Path, "models", "inspect", "dinov2-tiny")).Expect(0).Output, StringComparison.Ordinal);

        var missing = (await Lmmrec.RunUnderAsync(_folder.Path, environment, "models", "import", "hf:org/other")).Expect(1);
        Assert.Contains("org/other/resolve/main", missing.Error, StringComparison.Ordinal);
        Assert.Contains("the server answers 404; the name or the revision may be wrong", missing.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token, missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_needs_no_hub()
    {
        string[] environment = ["HF_ENDPOINT=nonsense"];
        (await Lmmrec.RunUnderAsync(_folder.Path, environment, "models", "import", Beside.Fixture("hf-folders/dinov2-tiny"), "--target", "t")).Expect(0);
        Assert.Contains("HF_ENDPOINT", (await Lmmrec.RunUnderAsync(_folder.Path, environment, "models", "import", "hf:org/name")).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ONNX_file_is_shown_with_the_draft_of_a_card()
    {
        var shown = (await Lmmrec.RunAsync(_folder.Path, "models", "inspect", Beside.Fixture("hf-folders/clip-vit-tiny-patch32/onnx/model.onnx"))).Expect(0);
        Assert.Contains("opset 14", shown.Output, StringComparison.Ordinal);
        Assert.Contains("input input_ids int64 [", shown.Output, StringComparison.Ordinal);
        Assert.Contains("output text_embeds float32 [", shown.Output, StringComparison.Ordinal);
        var draft = JsonNode.Parse(shown.Output[shown.Output.IndexOf('{', StringComparison.Ordinal)..])!;
        Assert.Equal(("image_embeds", "text_embeds", "attention_mask"), ((string)draft["onnx"]!["visual"]!["output"]!, (string)draft["onnx"]!["textual"]!["output"]!, (string)draft["onnx"]!["textual"]!["mask"]!));
    }

    [Theory]
    [InlineData("clip-small", "--variant", "fp16")]
    [InlineData(".", "--weights", "w.safetensors")]
    [InlineData(".", "--prefix", "model.")]
    [InlineData("https://me:secret@127.0.0.1:9/model", "--weights", "w.safetensors")]
    public async Task An_option_that_has_no_meaning_for_what_is_imported_is_a_wrong_argument(string source, string option, string value)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", "import", source, option, value)).Expect(2);
        Assert.StartsWith($"{option}: has no meaning for ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vector_that_is_not_finite_is_told_with_the_text()
    {
        var graph = new Graph("nan");
        var sum = graph.Input("ids", ElementType.Int64, ["n", 8]).Cast(ElementType.Float32).ReduceSum([1], keepDims: true);
        graph.Output("sentence", (sum - sum) / (sum - sum));
        graph.Save(_folder.PathOf("model.onnx"));
        File.Copy(Path.Combine(Beside.Checkout, "onnx-models", "clip-small", "merges.txt"), _folder.PathOf("merges.txt"));
        File.WriteAllText(_folder.PathOf("card.json"),
            """{ "onnx": { "textual": { "file": "model.onnx", "input": "ids", "output": "sentence" } }, "text": { "tokenizer": "byte-pair", "file": "merges.txt", "vocabulary": 821, "length": 8 } }""");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "models", "encode", ".", "--text", "a mug")).Expect(1);
        Assert.StartsWith("--text 'a mug': its vector holds NaN or infinity", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_file_sizes_is_told_and_leaves_no_encoder()
    {
        // Code that the runtime compiles lies in a file, which the limit would stop as well; without the signal, writing fails as on FAT.
        var ended = (await Lmmrec.RunUnderAsync(_folder.Path, ["DOTNET_EnableWriteXorExecute=0", "sh", "-c", "trap '' XFSZ && ulimit -f 64 && exec \"$@\"", "sh"], "models", "init", "clip-small", "--target", "t")).Expect(1);
        Assert.StartsWith("cannot write: a file would be larger than", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public async Task An_encoder_in_8_bits_says_how_exact_it_is_on_texts_and_pictures_like_those_of_the_catalogue()
    {
        var pictures = Beside.Fixture("hf-folders/pictures");
        var count = Directory.GetFiles(pictures).Length;
        File.WriteAllLines(_folder.PathOf("texts.txt"), Enumerable.Range(0, 70).Select(i => $"red mug {i} for the kitchen"));
        var quantized = (await Lmmrec.RunAsync(_folder.Path, "models", "quantize", "clip-small", "--texts", "texts.txt", "--images", pictures, "--target", "onnx-models/eight")).Expect(0);
        Assert.Contains($"pictures: rounded after {count} samples; cosine to full over {count}: lowest 0.99", quantized.Output, StringComparison.Ordinal);
        Assert.Contains("texts: rounded after 64 samples; cosine to full over 6: lowest 0.99", quantized.Output, StringComparison.Ordinal);
        var shown = (await Lmmrec.RunAsync(_folder.Path, "models", "inspect", "eight")).Expect(0);
        Assert.Contains($"precision eight-bit: pictures: rounded after {count} samples", shown.Output, StringComparison.Ordinal);
    }
}
