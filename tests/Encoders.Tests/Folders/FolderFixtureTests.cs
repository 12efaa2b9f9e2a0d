using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>Folders as one would download them: imported without a word, each gives the ids, pixels and vectors of the libraries that it was made for.</summary>
[Trait("Category", "Fixtures")]
public sealed class FolderFixtureTests : IDisposable
{
    private static readonly string Root = Beside.Fixture("hf-folders");

    private readonly TemporaryFolder _target = new();

    public static TheoryData<string> Folders => [.. Directory.GetFiles(Path.Combine(Root, "expected"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> FoldersWithOthers => [.. Folders.Select(row => row.Data).Where(name => Expected(name)["other_vectors"] is JsonObject { Count: > 0 })];

    public static TheoryData<string> InvalidFolders => [.. Array.ConvertAll(Refusals(), r => (string)r["folder"]!)];

    public void Dispose() => _target.Dispose();

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_folder_gives_the_pixels_ids_and_vectors_that_it_was_made_for(string name)
    {
        await Import.RunAsync(Path.Combine(Root, name), _target.Path);
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions { Device = TestDevice.Name });
        var expected = Expected(name);
        if (encoder.Texts is not null && expected["tokenizer"]!["pad_to"] is null) Assert.Equal(Padding.Free, encoder.Card.Text!.Padding);
        foreach (var picture in List(expected, "pictures"))
        {
            var file = Picture((string)picture["file"]!);
            var rule = encoder.Card.Image!;
            Assert.True(ImageDecoder.TryDecode(file, rule.ApplyOrientation, rule.ResizeAndCrop, out var cropped, out _));
            Assert.Equal((string)picture["rgb_sha256"]!, Hashing.OfBytes(cropped.Pixels));
            var (pixels, vector) = Encode(encoder.Pictures!, file);
            Assert.Equal((string)picture["pixels_sha256"]!, Hashing.OfBytes(MemoryMarshal.AsBytes<float>(pixels).ToArray()));
            AssertClose(picture["vector"]!, vector, 1e-4);
        }
        foreach (var text in List(expected, "texts"))
        {
            var tokens = encoder.Texts!.Tokenize((string)text["text"]!);
            Assert.Equal(text["ids"]!.AsArray().Select(id => (long)id!), tokens.Ids[..tokens.Count]);
            AssertClose(text["vector"]!, encoder.Texts.VectorsOf([tokens])[0], 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(FoldersWithOthers))]
    public async Task Variants_and_other_outputs_give_their_own_vectors(string name)
    {
        var expected = Expected(name);
        foreach (var (key, other) in (JsonObject)expected["other_vectors"]!)
        {
            var target = _target.PathOf(key);
            var (file, isVisual) = ((string)other!["file"]!, (string)other["of"]! == "visual");
            var own = (string)expected[isVisual ? "visual" : "textual"]!["file"]!;
            var beginning = own.Replace(".onnx", "_", StringComparison.Ordinal);
            var variant = file.StartsWith(beginning, StringComparison.Ordinal) ? file[beginning.Length..^".onnx".Length] : null;
            await Import.RunAsync(Path.Combine(Root, name), target, variant);
            if (variant is null) Change(target, Path.Combine(Root, name), file, isVisual ? "visual" : "textual", other);
            using var encoder = Encoder.Open(target, new RuntimeOptions { Device = TestDevice.Name });
            if (variant == "fp16" && !isVisual) Assert.Equal(Padding.Free, encoder.Card.Text!.Padding); // as in full precision, though sums are rounded more
            foreach (var item in List(expected, isVisual ? "pictures" : "texts"))
            {
                var vector = isVisual ? Encode(encoder.Pictures!, Picture((string)item["file"]!)).Vector : encoder.Texts!.Encode((string)item["text"]!)[0];
                if (variant is not null && variant != "fp16") Assert.True(Cosine(Numbers(item[key]!), vector) >= 0.99);
                else AssertClose(item[key]!, vector, variant == "fp16" ? 1e-2 : 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_folder_computes_in_16_bits_nearly_what_it_computes_in_full(string name)
    {
        await Import.RunAsync(Path.Combine(Root, name), _target.Path);
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions { Device = TestDevice.Name }, Precision.Half);
        foreach (var picture in List(Expected(name), "pictures")) AssertNear(picture, Encode(encoder.Pictures!, Picture((string)picture["file"]!)).Vector);
        foreach (var text in List(Expected(name), "texts")) AssertNear(text, encoder.Texts!.Encode((string)text["text"]!)[0]);

        static void AssertNear(JsonNode item, float[] vector) => Assert.InRange(1 - Cosine(Numbers(item["vector"]!), vector), 1e-10, 1e-3);
    }

    /// <summary>As featurize rounds it, and as <c>lmmrec models quantize</c> writes it.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_folder_computes_in_8_bits_nearly_what_it_computes_in_full(string name)
    {
        var (expected, full, eight) = (Expected(name), _target.PathOf("full"), _target.PathOf("eight"));
        await Import.RunAsync(Path.Combine(Root, name), full);
        EightBitEncoder.Write(full, eight, [], [], new RuntimeOptions { Device = TestDevice.Name });
        using var rounded = Encoder.Open(full, new RuntimeOptions { Device = TestDevice.Name }, Precision.EightBit);
        using var written = Encoder.Open(eight, new RuntimeOptions { Device = TestDevice.Name });
        foreach (var encoder in new[] { rounded, written })
        {
            foreach (var picture in List(expected, "pictures")) AssertNear(picture, Encode(encoder.Pictures!, Picture((string)picture["file"]!)).Vector);
            foreach (var text in List(expected, "texts")) AssertNear(text, encoder.Texts!.Encode((string)text["text"]!)[0]);
        }

        static void AssertNear(JsonNode item, float[] vector) => Assert.InRange(Cosine(Numbers(item["vector"]!), vector), 0.99, 0.9999999);
    }

    [Theory]
    [MemberData(nameof(InvalidFolders))]
    public async Task A_folder_that_cannot_be_honoured_is_refused_by_what_is_wrong(string name)
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Import.RunAsync(Path.Combine(Root, "invalid", name), _target.PathOf("t")));
        foreach (var word in Refusals().First(r => (string)r["folder"]! == name)["names"]!.AsArray()) Assert.Contains((string)word!, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_target.PathOf("t/card.json")));
    }

    // As a user would who writes another output, or another file, into the card.
    private static void Change(string target, string folder, string file, string tower, JsonNode other)
    {
        File.Copy(Path.Combine(folder, file), Path.Combine(target, file), overwrite: true);
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(target, EncoderCard.FileName)))!;
        var section = (JsonObject)card["onnx"]![tower]!;
        (section["file"], section["output"]) = (file, (string)other["output"]!);
        if (other["inputs"] is JsonArray inputs && inputs.Any(i => (string)i! == "attention_mask")) section["mask"] = "attention_mask";
        if (other["dummies"] is not null) (card["onnx"]!["visual"]!["file"], card["onnx"]!["textual"]!["file"]) = (file, file);
        if (other["dummies"]?["attention_mask"] is not null) card["onnx"]!["textual"]!["mask"] = "attention_mask";
        File.WriteAllText(Path.Combine(target, EncoderCard.FileName), card.ToJsonString());
    }

    private static JsonNode Expected(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "expected", name + ".json")))!;

    private static JsonNode[] Refusals() => [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "invalid", "expected.json")))!.AsArray().OfType<JsonNode>()];

    private static IEnumerable<JsonNode> List(JsonNode expected, string key) => (expected[key] as JsonArray ?? []).OfType<JsonNode>();

    private static byte[] Picture(string file) => File.ReadAllBytes(file.StartsWith("text-and-images/", StringComparison.Ordinal)
        ? Beside.Fixture($"text-and-images/input/{file["text-and-images/".Length..]}") : Path.Combine(Root, file));

    private static (float[] Pixels, float[] Vector) Encode(PictureEncoder pictures, byte[] file)
    {
        var batch = pictures.NewBatch();
        Assert.True(batch.TrySet(0, file, out var reason), reason);
        return (batch.Pixels[..(batch.Pixels.Length / pictures.BatchSize)], pictures.Run(batch)[..pictures.Width]);
    }

    private static float[] Numbers(JsonNode list) => [.. list.AsArray().Select(v => (float)v!)];

    private static void AssertClose(JsonNode expected, float[] actual, double tolerance)
    {
        var numbers = Numbers(expected);
        Assert.Equal(numbers.Length, actual.Length);
        var off = numbers.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(off <= tolerance * numbers.Max(Math.Abs), $"off by {off}");
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
}
