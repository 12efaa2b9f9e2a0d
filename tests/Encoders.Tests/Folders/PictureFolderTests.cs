using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>Which output of a graph of pictures is the vector, and what comes of it.</summary>
public sealed class PictureFolderTests : IDisposable
{
    private readonly PlantedFolder _folder = new();
    private readonly TemporaryFolder _target = new();

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData("vit", "last_hidden_state", Pooling.Cls, "last_hidden_state", "pooler_output")]
    [InlineData("dinov2_with_registers", "last_hidden_state", Pooling.Cls, "pooler_output", "last_hidden_state")]
    [InlineData("siglip_vision_model", "pooler_output", Pooling.None, "last_hidden_state", "pooler_output")]
    [InlineData("siglip2_vision_model", "pooler_output", Pooling.None, "pooler_output")]
    [InlineData("convnextv2", "pooler_output", Pooling.None, "last_hidden_state", "pooler_output")]
    [InlineData("clip", "image_embeds", Pooling.None, "last_hidden_state", "image_embeds", "pooler_output")]
    [InlineData("mine", "image_embeddings", Pooling.None, "l2norm_image_embeddings", "image_embeddings")]
    [InlineData("mine", "features", Pooling.None, "features")]
    public async Task The_kind_of_the_model_says_which_output_is_the_vector(string type, string output, Pooling pooling, params string[] outputs)
    {
        await ImportAsync(_folder.Pictures($$"""{ "model_type": "{{type}}" }""", outputs: outputs));
        var tower = EncoderCard.Read(_target.Path).Onnx!.Visual!;
        Assert.Equal((output, pooling), (tower.Output, tower.Pooling));
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        Assert.Equal(3, encoder.Pictures!.Width);
    }

    [Fact]
    public async Task A_rectangle_is_as_high_and_as_wide_as_the_settings_say()
    {
        await ImportAsync(_folder.Pictures(outputs: "last_hidden_state"));
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        var batch = encoder.Pictures!.NewBatch();
        Assert.True(batch.TrySet(0, Pictures.Png(Pictures.Draw(40, 30)), out _));
        Assert.Equal(encoder.Pictures.BatchSize * 3 * 24 * 16, batch.Pixels.Length);
        var firstRow = batch.Pixels.AsSpan(0, 16).ToArray().Average(); // of the red channel: token 0
        Assert.Equal(firstRow, encoder.Pictures.Run(batch)[0], 1e-5f);
    }

    [Fact]
    public async Task Settings_inside_a_processors_count_before_those_beside_it()
    {
        _folder.Pictures(outputs: "features").Write("processor_config.json", """{ "processor_class": "X", "image_processor": { "image_processor_type": "ViTImageProcessorFast", "size": 20 } }""");
        await ImportAsync(_folder);
        var card = EncoderCard.Read(_target.Path);
        Assert.Equal([20], card.Image!.Crop);
        Assert.Equal("processor_config.json, image_processor, size", (string)card.Origins!["image.crop"]!);
        await ImportAsync(_folder.Write("processor_config.json", """{ "processor_class": "X" }"""));
        Assert.Equal([24, 16], EncoderCard.Read(_target.Path).Image!.Crop);
    }

    [Theory]
    [InlineData("mine", "first", "second")]
    [InlineData("mine", "last_hidden_state")]
    [InlineData("vit", "logits")]
    [InlineData("vit", "pooler_output")]
    [InlineData("ijepa", "last_hidden_state", "pooler_output")]
    [InlineData("beit", "last_hidden_state", "pooler_output")]
    [InlineData("data2vec-vision", "last_hidden_state")]
    public Task Outputs_of_which_none_follows_are_named(string type, params string[] outputs) =>
        RefusedAsync(_folder.Pictures($$"""{ "model_type": "{{type}}" }""", outputs: outputs), ["onnx/model.onnx", type, .. outputs]);

    [Fact]
    public Task A_length_of_1_that_is_promised_has_to_be_kept() =>
        RefusedAsync(_folder.Pictures("""{ "model_type": "mine" }""", outputs: "l2norm_image_embeddings"), "onnx/model.onnx", "l2norm_image_embeddings", "length 1 is promised");

    [Theory]
    [InlineData(3, 16, 24, "preprocessor_config.json, size", "24 × 16", "onnx/model.onnx takes 16 × 24")]
    [InlineData(1, 24, 16, "onnx/model.onnx", "1 channel")]
    public Task A_graph_of_fixed_sizes_that_are_not_the_pictures_is_refused(int channels, int height, int width, params string[] words) =>
        RefusedAsync(_folder.Pictures(outputs: "features").Pixels(channels, height, width), words);

    [Fact]
    public async Task A_graph_of_the_pictures_own_size_may_have_its_channels_last()
    {
        await ImportAsync(_folder.Pictures(outputs: "features").Pixels(24, 16, 3));
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        Assert.Equal(3, encoder.Pictures!.Width);
    }

    [Fact]
    public Task A_link_to_nowhere_is_called_one()
    {
        _folder.Pictures(outputs: "features").Without("preprocessor_config.json");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "preprocessor_config.json"), "../blobs/0123");
        return RefusedAsync(_folder, "preprocessor_config.json", "link to ../blobs/0123");
    }

    [Fact]
    public async Task A_target_that_is_a_file_stays_as_it_is()
    {
        File.WriteAllText(_target.PathOf("file"), "mine");
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Import.RunAsync(_folder.Pictures(outputs: "features").Path, _target.PathOf("file")));
        Assert.Contains("is a file; name a folder with --target", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_target.PathOf("file")));
    }

    [Fact]
    public Task Pictures_without_settings_are_refused() => RefusedAsync(_folder.Pictures(settings: null, outputs: "features"), "preprocessor_config.json", "processor_config.json");

    [Fact]
    public Task A_size_that_no_card_allows_is_refused_by_its_field() =>
        RefusedAsync(_folder.Pictures(settings: """{ "image_processor_type": "ViTImageProcessor", "size": 5000 }""", outputs: "features"), "5000", "preprocessor_config.json, size");

    [Fact]
    public Task A_pipeline_that_draws_pictures_is_refused() => RefusedAsync(_folder.Pictures(outputs: "features").Write("model_index.json", "{}"), "model_index.json", "diffusion");

    [Fact]
    public Task A_folder_without_graphs_is_told_what_to_do() =>
        RefusedAsync(_folder.Pictures(outputs: "features").Without("onnx/model.onnx").Write("model.safetensors", "x"), "onnx/model.onnx", "optimum-cli export onnx");

    [Fact]
    public Task Settings_that_are_no_JSON_are_refused() => RefusedAsync(_folder.Pictures(outputs: "features").Write("preprocessor_config.json", "{ \"size\": "), "preprocessor_config.json", "no valid JSON");

    [Theory]
    [InlineData("preprocessor_config.json")]
    [InlineData("config.json")]
    [InlineData("onnx/model.onnx")]
    public Task What_Git_left_of_a_large_file_is_called_by_its_name(string file) =>
        RefusedAsync(_folder.Pictures(outputs: "features").Write(file, "version https://git-lfs.github.com/spec/v1\noid sha256:5\nsize 9\n"), file, "LFS");

    [Fact]
    public async Task A_variant_is_taken_only_when_it_is_asked_for_and_there()
    {
        _folder.Pictures(outputs: "features").Pictures(file: "onnx/model_fp16.onnx", outputs: "features");
        Assert.Equal("onnx/model.onnx", (await ImportAsync(_folder)).Onnx!.Visual!.File);
        Assert.Equal("onnx/model_fp16.onnx", (await ImportAsync(_folder, "fp16")).Onnx!.Visual!.File);
        await VariantRefusedAsync(_folder, "int8", "model_int8.onnx", "onnx/model_fp16.onnx", "--variant");
        await RefusedAsync(_folder.Without("onnx/model.onnx"), "onnx/model_fp16.onnx", "--variant");
    }

    [Fact]
    public async Task Towers_of_their_own_come_before_one_file_for_both_and_are_of_one_variant()
    {
        _folder.Texts(file: "onnx/text_model.onnx", output: "text_embeds").Pictures("""{ "model_type": "clip", "max_position_embeddings": 16 }""", file: "onnx/vision_model.onnx", outputs: "image_embeds");
        _folder.Pictures("""{ "model_type": "clip", "max_position_embeddings": 16 }""", file: "onnx/model.onnx", outputs: "image_embeds");
        var towers = (await ImportAsync(_folder)).Onnx!;
        Assert.Equal(("onnx/vision_model.onnx", "onnx/text_model.onnx"), (towers.Visual!.File, towers.Textual!.File));
        _folder.Pictures("""{ "model_type": "clip", "max_position_embeddings": 16 }""", file: "onnx/vision_model_q4.onnx", outputs: "image_embeds");
        await VariantRefusedAsync(_folder, "q4", "onnx/text_model_q4.onnx", "of one variant");
    }

    [Theory]
    [InlineData("vision_model", "text_model")]
    [InlineData("text_model", "vision_model")]
    public async Task A_tower_that_is_there_in_another_variant_only_is_not_left_out(string plain, string other)
    {
        _folder.Texts(output: "text_embeds").Pictures("""{ "model_type": "clip", "max_position_embeddings": 16 }""", file: "onnx/vision.onnx", outputs: "image_embeds");
        var (picture, text) = (_folder.Bytes("onnx/vision.onnx"), _folder.Bytes("onnx/model.onnx"));
        _folder.Without("onnx/model.onnx").Without("onnx/vision.onnx");
        Write(plain, "");
        Write(plain, "_fp16");
        Write(other, "_fp16");
        await RefusedAsync(_folder, $"onnx/{other}.onnx: is missing", $"onnx/{plain}.onnx", "--variant", $"onnx/{other}_fp16.onnx");
        var towers = (await ImportAsync(_folder, "fp16")).Onnx!;
        Assert.Equal(("onnx/vision_model_fp16.onnx", "onnx/text_model_fp16.onnx"), (towers.Visual!.File, towers.Textual!.File));

        void Write(string tower, string variant) => File.WriteAllBytes(Path.Combine(_folder.Path, $"onnx/{tower}{variant}.onnx"), tower == "vision_model" ? picture : text);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("config_sentence_transformers.json")]
    public async Task Pictures_and_texts_are_cut_to_the_same_width(string file)
    {
        const string plain = """{ "model_type": "clip", "max_position_embeddings": 16 }""", cut = """{ "model_type": "clip", "max_position_embeddings": 16, "truncate_dim": 2 }""";
        _folder.Texts(file: "onnx/text_model.onnx", output: "text_embeds").Pictures(plain, file: "onnx/vision_model.onnx", outputs: "image_embeds").Write(file, cut);
        var card = await ImportAsync(_folder);
        Assert.Equal((2, 2), (card.Onnx!.Visual!.Dimensions, card.Onnx.Textual!.Dimensions));
        Assert.Equal($"{file}, truncate_dim", (string)card.Origins!["onnx.visual.dimensions"]!);
    }

    [Fact]
    public async Task A_failed_import_leaves_the_one_before()
    {
        await ImportAsync(_folder.Pictures(outputs: "features"));
        var card = File.ReadAllText(_target.PathOf(EncoderCard.FileName));
        await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.Write("preprocessor_config.json", """{ "image_processor_type": "Mine" }""")));
        Assert.Equal(card, File.ReadAllText(_target.PathOf(EncoderCard.FileName)));
        Encoder.Open(_target.Path, new RuntimeOptions()).Dispose();
    }

    [Fact]
    public async Task A_card_that_somebody_wrote_is_not_lost()
    {
        File.WriteAllText(_target.PathOf(EncoderCard.FileName), """{ "onnx": { "visual": { "file": "a.onnx", "input": "x", "output": "y" } }, "image": {} }""");
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder.Pictures(outputs: "features")));
        Assert.Contains("--target", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_that_was_changed_after_its_import_is_not_lost()
    {
        await ImportAsync(_folder.Pictures(outputs: "features"));
        var card = File.ReadAllText(_target.PathOf(EncoderCard.FileName));
        await ImportAsync(_folder);
        Assert.Equal(card, File.ReadAllText(_target.PathOf(EncoderCard.FileName)));
        var changed = card.Replace("\"bilinear\"", "\"bicubic\"", StringComparison.Ordinal);
        Assert.NotEqual(card, changed);
        File.WriteAllText(_target.PathOf(EncoderCard.FileName), changed);
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(_folder));
        Assert.Contains("changed since an import wrote it", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--target", refused.Message, StringComparison.Ordinal);
        Assert.Equal(changed, File.ReadAllText(_target.PathOf(EncoderCard.FileName)));
    }

    private Task<EncoderCard> ImportAsync(PlantedFolder folder, string? variant = null) => Import.RunAsync(folder.Path, _target.Path, variant);

    private Task RefusedAsync(PlantedFolder folder, params string[] words) => VariantRefusedAsync(folder, null, words);

    private async Task VariantRefusedAsync(PlantedFolder folder, string? variant, params string[] words)
    {
        await Import.RefusedAsync(folder.Path, _target.PathOf("refused"), words, variant);
        Assert.False(File.Exists(_target.PathOf("refused/card.json")));
    }
}
