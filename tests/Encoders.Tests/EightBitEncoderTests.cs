using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;
using LmmRec.Graphs.Onnx;

namespace LmmRec.Encoders.Tests;

public sealed class EightBitEncoderTests : IDisposable
{
    private static readonly string Card = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");
    private static readonly string[] Texts = [.. Enumerable.Range(0, 90).Select(i => $"{(i % 2 == 0 ? "plain" : "dotted")} mug {i} with {new string((char)('a' + i % 26), 1 + i % 7)} for the kitchen")];

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _pictures;

    public EightBitEncoderTests()
    {
        _pictures = [.. Enumerable.Range(0, 20).Select(i => _folder.PathOf($"{i:d2}.png"))];
        foreach (var (i, path) in _pictures.Index()) File.WriteAllBytes(path, Pictures.Png(Pictures.Draw(40 + i, 60, i)));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_runs_as_exactly_as_its_card_says()
    {
        var found = EightBitEncoder.Write(Card, Target, Texts, _pictures, new RuntimeOptions());
        Assert.Equal([("pictures", 20, 20), ("texts", 64, 26)], found.Select(f => (f.What, f.Samples, f.Compared)));
        Assert.All(found, f => Assert.InRange(f.Lowest, 0.998, 0.9999999));
        Assert.Equal(Precision.EightBit, EncoderCard.Read(Target).Precision);
        Assert.Contains(EncoderModels.OriginsOf(Target), o => o.Key == "precision" && o.Value == "eight-bit" && o.Origin == string.Join("; ", found));
        using var full = Encoder.Open(Card, new RuntimeOptions());
        using var rounded = Encoder.Open(Target, new RuntimeOptions());
        Assert.Equal(found, [Exactness.Of("pictures", 20, full.Pictures!.VectorsOf(_pictures), rounded.Pictures!.VectorsOf(_pictures)), found[1]]);
    }

    [Fact]
    public void The_same_encoder_and_samples_give_the_same_bytes()
    {
        EightBitEncoder.Write(Card, Target, Texts, [], new RuntimeOptions());
        EightBitEncoder.Write(Card, _folder.PathOf("again"), Texts, [], new RuntimeOptions());
        foreach (var file in Directory.EnumerateFiles(Target)) Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder.PathOf("again"), Path.GetFileName(file))));
    }

    [Fact]
    public void Without_samples_it_is_written_too_and_says_that_nothing_was_compared()
    {
        var found = EightBitEncoder.Write(Card, Target, [], [], new RuntimeOptions());
        Assert.All(found, f => Assert.EndsWith("rounded without samples, not compared", f.ToString(), StringComparison.Ordinal));
        using var rounded = Encoder.Open(Target, new RuntimeOptions());
        Assert.Equal(64, rounded.Texts!.Width);
    }

    [Fact]
    public void An_encoder_that_is_rounded_already_its_own_folder_and_what_it_does_not_read_are_refused()
    {
        EightBitEncoder.Write(Card, Target, [], [], new RuntimeOptions());
        Assert.Contains("already", Refusal(Target, "t2", [], []), StringComparison.Ordinal);
        Assert.Contains("another target", Refusal(Card, Card, [], []), StringComparison.Ordinal);
    }

    /// <summary>As exporters write them: the card alone knows the picture, for a convolution's channels and for a table of positions.</summary>
    [Theory]
    [InlineData("num_channels", "height", "width", false)]
    [InlineData("", "", "", false)] // sizes without a name
    [InlineData(null, "height", "width", true)]
    public void A_graph_whose_pictures_have_free_sizes_is_rounded_for_those_of_its_card(string? channels, string height, string width, bool channelsLast)
    {
        WriteGraph(channels, height, width, channelsLast);
        Assert.All(EightBitEncoder.Write(Mine, Target, [], _pictures, new RuntimeOptions()), f => Assert.InRange(f.Lowest, 0.99, 0.9999999));
        using var full = Encoder.Open(Mine, new RuntimeOptions());
        using var rounded = Encoder.Open(Mine, new RuntimeOptions(), Precision.EightBit);
        Assert.InRange(Exactness.Of("pictures", 0, full.Pictures!.VectorsOf(_pictures), rounded.Pictures!.VectorsOf(_pictures)).Lowest, 0.99, 0.9999999);
    }

    [Fact]
    public void A_graph_that_cannot_be_rounded_is_named_with_the_precision_that_it_can_be_had_in()
    {
        WriteGraph("c", "h", "w", channelsLast: false, features: 8);
        foreach (var refused in new[] { Refusal(Mine, Target, [], []), Assert.Throws<InvalidInputException>(() => Encoder.Open(Mine, new RuntimeOptions(), Precision.EightBit)).Message })
        {
            Assert.StartsWith($"{Path.Combine(Mine, "model.onnx")}: cannot be computed in 8 bits: ", refused, StringComparison.Ordinal);
            Assert.EndsWith("; use the encoder with precision full", refused, StringComparison.Ordinal);
        }
    }

    /// <summary>Of 65 pictures all but the last are samples, and that one is compared.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public void A_broken_picture_leaves_the_earlier_encoder_as_it_was(int place)
    {
        EightBitEncoder.Write(Card, Target, [], [], new RuntimeOptions());
        var before = Content();
        var broken = _folder.PathOf("broken.png");
        File.WriteAllText(broken, "no picture");
        string[] pictures = [.. Enumerable.Range(0, 65).Select(i => i == place ? broken : _pictures[i % _pictures.Length])];
        Assert.StartsWith($"{broken}: ", Refusal(Card, Target, [], pictures), StringComparison.Ordinal);
        Assert.Equal(before, Content());
        Assert.Equal([Target], Directory.GetDirectories(_folder.Path));

        List<(string, string)> Content() => [.. Directory.EnumerateFiles(Target).Order().Select(file => (file, Hashing.OfBytes(File.ReadAllBytes(file))))];
    }

    private string Target => _folder.PathOf("eight");

    private string Mine => _folder.PathOf("mine");

    // Patches of 8 × 8 pixels, their positions, and a layer. null: the file has the number 3.
    private void WriteGraph(string? channels, string height, string width, bool channelsLast, int features = 40)
    {
        const int side = 32, patch = 8;
        var graph = new Graph("mine");
        var pixels = graph.Input("pixels", ElementType.Float32, channelsLast ? ["n", side, side, 3] : ["n", 3, side, side]);
        var kernel = graph.Parameter("kernel", [features, 3, patch, patch], Initializers.Normal(0.1f));
        var positions = graph.Parameter("positions", [side / patch * (side / patch), features], Initializers.Normal(0.5f));
        var layer = graph.Parameter("layer", [features, 48], Initializers.Normal(0.2f));
        graph.Initialize(new SeededRandom(5));
        var patches = (channelsLast ? pixels.Transpose(0, 3, 1, 2) : pixels).Conv(kernel, stride: patch).Reshape(graph.Integers(0, features, -1)).Transpose(0, 2, 1); // [B, P, F]
        graph.Output("vector", (patches + positions).MatMul(layer).ReduceMean([1]));
        Directory.CreateDirectory(Mine);
        graph.Save(Path.Combine(Mine, "model.onnx"));
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Mine, "model.onnx")));
        foreach (var (size, name) in model.Graph.Input[0].Type.TensorType.Shape.Dim.Skip(1).Zip(channelsLast ? [height, width, channels] : new[] { channels, height, width }))
            if (name is not null) size.DimParam = name;
        File.WriteAllBytes(Path.Combine(Mine, "model.onnx"), model.ToByteArray());
        File.WriteAllText(Path.Combine(Mine, EncoderCard.FileName), """{ "onnx": { "visual": { "file": "model.onnx", "input": "pixels", "output": "vector" } }, "image": { "resizeTo": 32, "crop": 32 } }""");
    }

    private string Refusal(string card, string target, string[] texts, string[] pictures) =>
        Assert.Throws<InvalidInputException>(() => EightBitEncoder.Write(card, Path.IsPathRooted(target) ? target : _folder.PathOf(target), texts, pictures, new RuntimeOptions())).Message;
}
