using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

/// <summary>Cards written by hand for folders as Hugging Face lays them out: pixels, ids and vectors are those of the reference.</summary>
[Trait("Category", "Fixtures")]
public sealed class FolderCardTests
{
    private const string ClipText = """ "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 49408, "length": 77, "padId": 49407, "cleaning": { "unescape": 0 } } """;
    private const string ClipImage = """ "image": { "cropRounding": "floor", "mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711] } """;
    private const string Siglip = """ "padding": "full", "cleaning": { "unescape": 0 } """;

    /// <summary>Each card, the names of the reference's vectors, and what they may differ by: of the largest value, or (below 0) the least cosine.</summary>
    public static TheoryData<string, string, string, string, double> Cards => new()
    {
        { "clip-vit-tiny-patch32", $$"""{ "onnx": { {{Visual("onnx/vision_model.onnx", "image_embeds")}}, {{Textual("onnx/text_model.onnx", "text_embeds")}} }, {{ClipImage}}, {{ClipText}} }""", "vector", "vector", 1e-4 },
        { "clip-vit-tiny-patch32", $$"""{ "onnx": { {{Visual("onnx/vision_model_fp16.onnx", "image_embeds")}}, {{Textual("onnx/text_model_fp16.onnx", "text_embeds")}} }, {{ClipImage}}, {{ClipText}} }""", "fp16", "fp16_text", 1e-2 },
        { "clip-vit-tiny-patch32", $$"""{ "onnx": { {{Visual("onnx/vision_model_quantized.onnx", "image_embeds")}}, {{Textual("onnx/text_model_quantized.onnx", "text_embeds")}} }, {{ClipImage}}, {{ClipText}} }""", "quantized", "quantized_text", -0.99 },
        { "clip-vit-tiny-patch32", $$"""{ "onnx": { {{Visual("onnx/model.onnx", "image_embeds")}}, {{Textual("onnx/model.onnx", "text_embeds", "\"mask\": \"attention_mask\"")}} }, {{ClipImage}}, {{ClipText}} }""", "joint", "joint_text", 1e-4 },
        { "siglip-tiny-patch16-224", $$"""{ "onnx": { {{Visual("onnx/vision_model.onnx", "pooler_output")}}, {{Textual("onnx/text_model.onnx", "pooler_output")}} }, "image": { "resize": "stretch" }, "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 32000, "length": 64, "padId": 1, {{Siglip}} } }""", "vector", "vector", 1e-4 },
        { "siglip2-tiny-patch16-256", $$"""{ "onnx": { {{Visual("onnx/vision_model.onnx", "pooler_output")}}, {{Textual("onnx/text_model.onnx", "pooler_output")}} }, "image": { "resize": "stretch", "resizeTo": [256, 256], "crop": [256, 256], "filter": "bilinear" }, "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 12436, "length": 64, "padId": 0, "lowercase": true, {{Siglip}} } }""", "vector", "vector", 1e-4 },
        { "all-MiniLM-tiny", $$"""{ "onnx": { {{Textual("onnx/model.onnx", "last_hidden_state", "\"mask\": \"attention_mask\", \"types\": \"token_type_ids\", \"pooling\": \"mean\", \"unitLength\": true")}} }, "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 30522, "length": 256, "padId": 0, "cleaning": { "unescape": 0 } } }""", "", "vector", 1e-4 },
        { "dinov2-tiny", $$"""{ "onnx": { {{Visual("onnx/model.onnx", "last_hidden_state", "\"pooling\": \"cls\"")}} }, "image": { "resizeTo": 256, "crop": 224, "cropRounding": "floor", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] } }""", "vector", "", 1e-4 },
        { "jina-clip-tiny", $$"""{ "onnx": { {{Visual("onnx/model.onnx", "image_embeddings")}}, {{Textual("onnx/model.onnx", "text_embeddings")}} }, {{ClipImage.Replace("\"cropRounding\": \"floor\"", "\"resizeTo\": 128, \"crop\": 128", StringComparison.Ordinal)}}, "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 12197, "length": 512, "padding": "free", "padId": 1, "cleaning": { "unescape": 0 } } }""", "vector", "vector", 1e-4 },
        { "jina-clip-tiny", $$"""{ "onnx": { {{Visual("onnx/model.onnx", "image_embeddings", "\"unitLength\": true")}}, {{Textual("onnx/model.onnx", "text_embeddings", "\"unitLength\": true")}} }, {{ClipImage.Replace("\"cropRounding\": \"floor\"", "\"resizeTo\": 128, \"crop\": 128", StringComparison.Ordinal)}}, "text": { "tokenizer": "json", "file": "tokenizer.json", "vocabulary": 12197, "length": 512, "padId": 1, "cleaning": { "unescape": 0 } } }""", "unit", "unit_text", 1e-4 },
    };

    [Theory]
    [MemberData(nameof(Cards))]
    public void A_card_gives_the_pixels_ids_and_vectors_of_the_reference(string folder, string card, string visual, string textual, double tolerance)
    {
        var root = Beside.Fixture("hf-folders");
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "expected", folder + ".json")))!;
        using var here = Folder(Path.Combine(root, folder), card);
        using var encoder = Encoder.Open(here.Path, new RuntimeOptions());
        foreach (var picture in encoder.Pictures is null ? [] : expected["pictures"]!.AsArray())
        {
            var batch = encoder.Pictures!.NewBatch();
            var name = (string)picture!["file"]!;
            var file = name.StartsWith("text-and-images/", StringComparison.Ordinal) ? Path.Combine(root, "..", "text-and-images", "input", Path.GetFileName(name)) : Path.Combine(root, name);
            Assert.True(batch.TrySet(2, File.ReadAllBytes(file), out var reason), reason);
            var size = batch.Pixels.Length / encoder.Pictures.BatchSize;
            Assert.Equal((string)picture["pixels_sha256"]!, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(batch.Pixels.AsSpan(2 * size, size)))));
            Near(picture[visual]!, encoder.Pictures.Run(batch).AsSpan(2 * encoder.Pictures.Width, encoder.Pictures.Width), tolerance, name);
        }
        foreach (var text in encoder.Texts is null ? [] : expected["texts"]!.AsArray())
        {
            var content = (string)text!["text"]!;
            var tokens = encoder.Texts!.Tokenize(content);
            Assert.Equal(text["ids"]!.AsArray().Select(id => (long)id!), tokens.Ids[..tokens.Count]);
            Near(text[textual]!, encoder.Texts.Encode(content)[0], tolerance, content);
        }
    }

    [Theory]
    [InlineData("clip-vit-tiny-patch32", "onnx/text_model.onnx", "text_embeds", "", "\"vocabulary\": 49408, \"length\": 77, \"padId\": 49407")]
    [InlineData("all-MiniLM-tiny", "onnx/model.onnx", "last_hidden_state", "\"mask\": \"attention_mask\", \"types\": \"token_type_ids\", \"pooling\": \"mean\"", "\"vocabulary\": 30522, \"length\": 256, \"padId\": 0")]
    public void A_vector_is_the_same_at_every_length_that_holds_the_text(string folder, string file, string output, string more, string text)
    {
        var root = Beside.Fixture("hf-folders");
        string[] texts = [.. JsonNode.Parse(File.ReadAllText(Path.Combine(root, "tokens.json")))!.AsArray().Select(t => (string)t!["text"]!)];
        var (full, free) = (Encode("full"), Encode("free"));
        Assert.NotEmpty(texts);
        for (var i = 0; i < texts.Length; i++) Assert.True(full[i].SequenceEqual(free[i]), texts[i]);

        List<float[]> Encode(string padding)
        {
            using var here = Folder(Path.Combine(root, folder), $$"""{ "onnx": { {{Textual(file, output, more)}} }, "text": { "tokenizer": "json", "file": "tokenizer.json", {{text}}, "padding": "{{padding}}" } }""");
            using var encoder = Encoder.Open(here.Path, new RuntimeOptions());
            return [.. texts.Chunk(encoder.Texts!.BatchSize).SelectMany(some => encoder.Texts.Encode(some))];
        }
    }

    private static TemporaryFolder Folder(string source, string card)
    {
        var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = folder.PathOf(Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        File.WriteAllText(folder.PathOf(EncoderCard.FileName), card);
        return folder;
    }

    private static string Visual(string file, string output, string more = "") => Tower("visual", file, "pixel_values", output, more);

    private static string Textual(string file, string output, string more = "") => Tower("textual", file, "input_ids", output, more);

    private static string Tower(string tower, string file, string input, string output, string more) =>
        $$"""  "{{tower}}": { "file": "{{file}}", "input": "{{input}}", "output": "{{output}}"{{(more == "" ? "" : ", " + more)}} }""";

    private static void Near(JsonNode expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        float[] vector = [.. expected.AsArray().Select(v => (float)v!)];
        Assert.Equal(vector.Length, actual.Length);
        if (tolerance < 0)
        {
            Assert.True(TensorPrimitives.CosineSimilarity(vector, actual) >= -tolerance, what);
            return;
        }
        var largest = vector.Max(Math.Abs);
        for (var i = 0; i < vector.Length; i++) Assert.True(Math.Abs(vector[i] - actual[i]) <= tolerance * largest, $"{what}: {actual[i]} for {vector[i]} of {largest}");
    }
}
