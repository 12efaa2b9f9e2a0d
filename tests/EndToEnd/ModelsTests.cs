using System.Text.Json.Nodes;
using LmmRec.Encoders.Tests.Weights;

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
}
