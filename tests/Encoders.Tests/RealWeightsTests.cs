using System.Numerics.Tensors;
using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Encoders.Images;
using LmmRec.Encoders.Tests.Training;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

/// <summary>Pre-trained weights out of packages of the user's own feed; without the feed these tests are skipped.</summary>
[Trait("Category", "Data")]
public sealed class RealWeightsTests : IDisposable
{
    private static readonly string Models = Path.Combine(Beside.Checkout, "onnx-models");

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MiniLM_gives_the_vectors_that_were_published()
    {
        using var published = JsonDocument.Parse(await File.ReadAllBytesAsync(Beside.Fixture("real-weights/minilm_sentences.json"), _cancellation));
        using var encoder = Encoder.Open(await ImportAsync("minilm-l6", parameters: 103), new RuntimeOptions { Device = TestDevice.Name });
        foreach (var sentence in published.RootElement.GetProperty("first_six_components").EnumerateObject())
        {
            var vector = encoder.Texts!.Encode(sentence.Name)[0];
            var expected = sentence.Value.EnumerateArray().Select(v => v.GetSingle()).ToList();
            Assert.All(expected.Zip(vector), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }
    }

    /// <summary>ResNet-18 takes one picture at a time where it encodes, and any number where it is trained.</summary>
    [Theory]
    [InlineData("minilm-l6", 103)]
    [InlineData("arctic-xs", 101)]
    [InlineData("resnet18", 110)]
    public async Task What_is_trained_gives_the_vectors_of_the_encoder(string card, int parameters)
    {
        var folder = await ImportAsync(card, parameters);
        var (expected, actual) = (Vectors.Of(folder), Vectors.Of(TrainableEncoder.Open(folder)));
        Vectors.AssertClose(expected.Visual, actual.Visual);
        Vectors.AssertClose(expected.Textual, actual.Textual);
    }

    /// <summary>What docs/encoders.md#8-bits says of it.</summary>
    [Fact]
    public async Task MiniLM_in_8_bits_keeps_its_vectors_and_their_neighbours()
    {
        var full = await ImportAsync("minilm-l6", parameters: 103);
        var titles = Products(Beside.Data("fashion_small_985")).ConvertAll(c => c[9]);
        var (rounded, nearest) = (_folder.PathOf("rounded"), _folder.PathOf("nearest"));
        var found = Assert.Single(EightBitEncoder.Write(full, rounded, titles, [], new RuntimeOptions { Device = TestDevice.Name }));
        Assert.Equal((64, 921), (found.Samples, found.Compared));
        Assert.InRange(found.Lowest, 0.999, 1);
        Assert.InRange(found.Median, 0.9995, 1);

        EightBitEncoder.Write(full, nearest, [], [], new RuntimeOptions { Device = TestDevice.Name });
        var (exact, close, closest) = (Texts(full, titles), Texts(nearest, titles), Texts(rounded, titles));
        Assert.InRange(exact.Zip(close, (a, b) => TensorPrimitives.CosineSimilarity<float>(a, b)).Min(), 0.997, 0.999);
        Assert.InRange(Enumerable.Range(0, titles.Count).Average(i => Neighbours(exact, i).Intersect(Neighbours(closest, i)).Count() / 5.0), 0.97, 1);
    }

    [Fact]
    public async Task Arctic_XS_puts_texts_of_one_meaning_side_by_side()
    {
        using var encoder = Encoder.Open(await ImportAsync("arctic-xs", parameters: 101), new RuntimeOptions { Device = TestDevice.Name });
        var vectors = encoder.Texts!.Encode("a red coffee mug", "crimson cup for hot drinks", "quarterly report of the tax office");
        Assert.All(vectors, vector => Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 1e-5f));
        Assert.True(TensorPrimitives.Dot<float>(vectors[0], vectors[1]) > TensorPrimitives.Dot<float>(vectors[0], vectors[2]) + 0.1f);
    }

    [Fact]
    public async Task ResNet18_of_opset_8_computes_the_same_after_it_was_loaded_and_saved()
    {
        var folder = await ImportAsync("resnet18", parameters: 110);
        var (file, saved) = (Path.Combine(folder, "ResNet18.onnx"), _folder.PathOf("saved.onnx"));
        Graph.Load(file).Save(saved);
        var batch = new Batch { ["Input247"] = TensorData.Of([.. Enumerable.Range(0, 3 * 224 * 224).Select(i => (float)(100 * Math.Sin(0.01 * i)))], 1, 3, 224, 224) };
        using InferenceModel one = InferenceModel.Open(file), two = InferenceModel.Open(saved);
        var (expected, actual) = (one.Run(batch).Values.Single().As<float>(), two.Run(batch).Values.Single().As<float>());
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    /// <summary>How well the five nearest neighbours of a product tell its sub-category. Random weights tell little, and raw pixels much; learnt ones more.</summary>
    [Fact]
    public async Task The_neighbours_of_real_vectors_are_of_a_products_own_kind()
    {
        var shop = Beside.Data("fashion_small_985");
        var (resNet, miniLM) = (await ImportAsync("resnet18", parameters: 110), await ImportAsync("minilm-l6", parameters: 103));
        var products = Products(shop);
        Assert.Equal(985, products.Count);
        var kinds = products.ConvertAll(c => c[3]);
        var files = products.ConvertAll(c => File.ReadAllBytes(Path.Combine(shop, "images", $"{c[0]}.jpg")));

        var (visual, textual) = (Pictures(resNet, files), Texts(miniLM, products.ConvertAll(c => c[9])));
        double[] measured =
        [
            Accuracy(Pictures(Path.Combine(Models, "clip-small"), files), kinds), Accuracy(files.ConvertAll(Pixels), kinds), Accuracy(visual, kinds), Accuracy(textual, kinds),
            Accuracy([.. visual.Zip(textual, (v, t) => Unit(v).Concat(Unit(t)).ToArray())], kinds),
        ];
        Assert.All(new[] { 46.6, 78.6, 84.9, 86.2, 91.7 }.Zip(measured), pair => Assert.Equal(pair.First, pair.Second, 1.5));
    }

    private static List<string[]> Products(string shop) =>
        [.. File.ReadLines(Path.Combine(shop, "styles.csv")).Skip(1).Select(line => line.Split(',')).Where(c => File.Exists(Path.Combine(shop, "images", $"{c[0]}.jpg")))];

    private async Task<string> ImportAsync(string name, int parameters)
    {
        var target = _folder.PathOf(name);
        try
        {
            using var client = EncoderModels.NewClient(null);
            Assert.Equal(parameters, (await EncoderModels.ImportAsync(Path.Combine(Models, name), null, null, target, client, new Silence(), TimeProvider.System, _cancellation)).Taken);
        }
        catch (InvalidInputException e) when (e.Message.Contains("dotnet restore", StringComparison.Ordinal))
        {
            Assert.Skip($"no feed here has the package of {name}");
        }
        return target;
    }

    private static List<float[]> Pictures(string folder, List<byte[]> files)
    {
        using var encoder = Encoder.Open(folder, new RuntimeOptions { Device = TestDevice.Name });
        var size = encoder.Pictures!.BatchSize;
        return [.. files.Chunk(size).SelectMany(chunk => encoder.Pictures.Encode([.. chunk.Select((file, row) => (row, file))]))];
    }

    private static List<float[]> Texts(string folder, List<string> texts)
    {
        using var encoder = Encoder.Open(folder, new RuntimeOptions { Device = TestDevice.Name });
        return [.. texts.Chunk(encoder.Texts!.BatchSize).SelectMany(chunk => encoder.Texts.Encode(chunk))];
    }

    private static float[] Pixels(byte[] file)
    {
        var rule = new ImagePreprocessing { Resize = ResizeRule.Stretch, ResizeTo = [16], Crop = [16] };
        Assert.True(ImageDecoder.TryDecode(file, false, rule.ResizeAndCrop, out var image, out _));
        return Array.ConvertAll(image.Pixels, p => p / 127.5f - 1);
    }

    // Leave-one-out, by cosine; the kind that most of the five have, of equally many the nearest one's.
    private static double Accuracy(List<float[]> vectors, List<string> kinds)
    {
        var units = vectors.ConvertAll(Unit);
        var right = units.Where((_, i) => Neighbours(units, i).GroupBy(j => kinds[j]).MaxBy(group => group.Count())!.Key == kinds[i]).Count();
        return 100.0 * right / units.Count;
    }

    // The five others that are nearest to one of some vectors of length 1, the nearest first.
    private static IEnumerable<int> Neighbours(List<float[]> units, int own) => Enumerable.Range(0, units.Count).Where(j => j != own)
        .Select(j => (Item: j, Cosine: TensorPrimitives.Dot<float>(units[own], units[j]))).OrderByDescending(n => n.Cosine).Take(5).Select(n => n.Item);

    private static float[] Unit(float[] vector)
    {
        var norm = Math.Max(TensorPrimitives.Norm<float>(vector), 1e-12f);
        return Array.ConvertAll(vector, v => v / norm);
    }
}
