using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>As ResNet-18 comes: the graph in one file of a package, the mean of every pixel in another that prepares pictures.</summary>
public sealed class OnnxPackageTests : IDisposable
{
    private const int Side = 8, Plane = Side * Side;

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.PathOf("target");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_graph_and_the_means_per_pixel_come_out_of_one_package()
    {
        var means = Enumerable.Range(0, 3 * Plane).Select(i => i * 0.5f).ToArray();
        await ImportAsync(WritePackage("x", means));
        var picture = Pictures.Draw(Side, Side);
        using var encoder = Encoder.Open(Target, new RuntimeOptions());
        var vector = encoder.Pictures!.Encode([(0, Pictures.Png(picture))])[0];
        for (var channel = 0; channel < 3; channel++)
            for (var i = 0; i < Plane; i++) Assert.Equal(picture.Pixels[i * 3 + 2 - channel] - means[channel * Plane + i], vector[channel * Plane + i]); // blue comes first
        Assert.Empty(Directory.GetDirectories(Target));
    }

    [Fact]
    public async Task A_graph_that_does_not_fit_its_card_leaves_the_earlier_encoder_as_it_was()
    {
        var package = WritePackage("x", new float[3 * Plane]);
        await ImportAsync(package);
        File.Delete(package);
        var before = Content();
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(WritePackage("other", new float[3 * Plane])));
        Assert.Contains($"does not fit the card: {Path.Combine(Target, "model.onnx")}: has the inputs other; the card names x", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content());
        Assert.Equal(["card", "target"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order());

        IEnumerable<(string, string)> Content() => Directory.EnumerateFiles(Target).Order().Select(file => (file, Hashing.OfBytes(File.ReadAllBytes(file)))).ToList();
    }

    [Fact]
    public async Task Means_of_another_size_are_refused()
    {
        var package = WritePackage("x", new float[3 * Plane], side: 4);
        Assert.Contains("holds 0 tensors of [3, 8, 8]", (await Assert.ThrowsAsync<InvalidInputException>(() => ImportAsync(package))).Message, StringComparison.Ordinal);
    }

    // The vector of a picture is its pixels; the other graph turns the channels and subtracts.
    private string WritePackage(string input, float[] means, int side = Side)
    {
        var model = new Graph("model");
        model.Output("y", model.Input(input, ElementType.Float32, [1, 3, Side, Side]).Reshape([1, 3 * Plane]));
        model.Save(_folder.PathOf("model.onnx"));
        var preparing = new Graph("preparing");
        var mean = preparing.Parameter("mean image", TensorData.Of(means[..(3 * side * side)], 1, 3, side, side));
        preparing.Output("prepared", preparing.Input("picture", ElementType.Float32, [1, 3, side, side]) - mean);
        preparing.Save(_folder.PathOf("preparing.onnx"));
        return NuGetPackage.Write(_folder.Path, ("tools/model.onnx", File.ReadAllBytes(_folder.PathOf("model.onnx"))), ("tools/preparing.onnx", File.ReadAllBytes(_folder.PathOf("preparing.onnx"))));
    }

    private async Task ImportAsync(string package)
    {
        var card = Directory.CreateDirectory(_folder.PathOf("card")).FullName;
        await File.WriteAllTextAsync(Path.Combine(card, EncoderCard.FileName), $$"""
            {
              "onnx": { "visual": { "file": "model.onnx", "input": "x", "output": "y" } },
              "image": {
                "resizeTo": 8, "crop": 8, "rescale": 1, "mean": [0, 0, 0], "std": [1, 1, 1], "channels": "bgr", "meanImage": "mean.safetensors",
                "meanImageSource": { "package": "{{NuGetPackage.Name}}", "version": "{{NuGetPackage.Version}}", "entry": "tools/preparing.onnx" }
              },
              "weights": { "sources": [{ "package": "{{NuGetPackage.Name}}", "version": "{{NuGetPackage.Version}}", "entry": "tools/model.onnx" }] }
            }
            """);
        using var client = EncoderModels.NewClient(null);
        await EncoderModels.ImportAsync(card, package, null, Target, client, new Silence(), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
