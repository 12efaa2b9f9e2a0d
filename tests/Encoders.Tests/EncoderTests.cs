using System.Numerics.Tensors;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

public sealed class EncoderTests
{
    private static readonly string Card = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");

    private static readonly byte[][] Files = [.. Enumerable.Range(0, 5).Select(i => Pictures.Png(Pictures.Draw(50 + 9 * i, 60, i)))];
    private static readonly string[] Texts = ["", "a red mug", "Plain blue cushion, moon", "tea towel", "the children's kite: white dotted diamond for holidays by the sea"];

    [Theory]
    [InlineData("full")]
    [InlineData("half")]
    [InlineData("eight-bit")]
    public void A_vector_does_not_depend_on_its_batch_neighbours_or_its_place(string precision)
    {
        using var folder = Variant("\"weights\"", $"\"precision\": \"{precision}\", \"weights\"");
        using var encoder = Encoder.Open(folder.Path, new RuntimeOptions { Threads = 2 });
        var alone = Files.Select((_, i) => Encode(encoder, [(i, 0)])[0]).ToList();
        var together = Encode(encoder, [(0, 3), (1, 15), (2, 0), (3, 7), (4, 4)]);
        for (var i = 0; i < Files.Length; i++)
        {
            Assert.Equal(alone[i].Visual, together[i].Visual);
            Assert.Equal(alone[i].Textual, together[i].Textual);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public void A_batch_of_another_size_gives_the_same_vectors_but_for_rounding(int batch)
    {
        using var usual = Encoder.Open(Card, new RuntimeOptions { Threads = 2 });
        using var other = Encoder.Open(Card, new RuntimeOptions { Threads = 2 }, batch: batch);
        Assert.Equal((16, batch, batch), (usual.Pictures!.BatchSize, other.Pictures!.BatchSize, other.Texts!.BatchSize));
        var (expected, found) = (Encode(usual, [(2, 0)])[0], Encode(other, [(2, 0)])[0]);
        Assert.InRange(1 - TensorPrimitives.CosineSimilarity<float>(expected.Visual, found.Visual), -1e-6, 1e-6);
        Assert.InRange(1 - TensorPrimitives.CosineSimilarity<float>(expected.Textual, found.Textual), -1e-6, 1e-6);
    }

    [Fact]
    public void The_same_card_gives_the_same_bytes_with_any_number_of_threads()
    {
        using var one = Open(threads: 1);
        using var two = Open(threads: 2);
        Assert.Equal(Encode(one, [(1, 0)])[0].Visual, Encode(two, [(1, 0)])[0].Visual);
        Assert.Equal(Encode(one, [(1, 0)])[0].Textual, Encode(two, [(1, 0)])[0].Textual);
    }

    [Fact]
    public void Different_contents_give_different_vectors()
    {
        using var encoder = Open();
        var vectors = Encode(encoder, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]);
        Assert.Equal(5, vectors.Select(v => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(v.Visual.AsSpan()))).Distinct().Count());
        Assert.Equal(5, vectors.Select(v => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(v.Textual.AsSpan()))).Distinct().Count());
    }

    [Theory]
    [InlineData("half", 1e-3f)]
    [InlineData("eight-bit", 2e-3f)]
    public void Fewer_bits_give_nearly_the_same_vectors(string precision, float distance)
    {
        using var folder = Variant("\"weights\"", $"\"precision\": \"{precision}\", \"weights\"");
        using var rounded = Encoder.Open(folder.Path, new RuntimeOptions());
        using var exact = Open();
        var (a, b) = (Encode(exact, [(1, 0)])[0], Encode(rounded, [(1, 0)])[0]);
        Assert.NotEqual(a.Visual, b.Visual);
        Assert.InRange(TensorPrimitives.CosineSimilarity<float>(a.Visual, b.Visual), 1 - distance, 1f);
        Assert.InRange(TensorPrimitives.CosineSimilarity<float>(a.Textual, b.Textual), 1 - distance, 1f);
    }

    [Fact]
    public void The_feature_is_the_joint_space_or_what_comes_before_it()
    {
        using var folder = Variant("\"joint\",", "\"hidden\",");
        using var joint = Open();
        using var hidden = Encoder.Open(folder.Path, new RuntimeOptions());
        Assert.Equal(64, Encode(joint, [(0, 0)])[0].Visual.Length);
        Assert.Equal(96, Encode(hidden, [(0, 0)])[0].Visual.Length);
    }

    [Fact]
    public void A_vocabulary_of_another_size_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.PathOf("merges.txt"), File.ReadLines(Path.Combine(Card, "merges.txt")).SkipLast(1));
        File.Copy(Path.Combine(Card, EncoderCard.FileName), folder.PathOf(EncoderCard.FileName));
        Assert.Contains("merges", Assert.Throws<InvalidInputException>(() => Encoder.Open(folder.Path, new RuntimeOptions())).Message);
    }

    // The sample's encoder with another text in its card.
    private static TemporaryFolder Variant(string text, string replacement)
    {
        var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Card, "merges.txt"), folder.PathOf("merges.txt"));
        File.WriteAllText(folder.PathOf(EncoderCard.FileName), File.ReadAllText(Path.Combine(Card, EncoderCard.FileName)).Replace(text, replacement, StringComparison.Ordinal));
        return folder;
    }

    private static Encoder Open(int threads = 2) => Encoder.Open(Card, new RuntimeOptions { Threads = threads });

    // Content i in row r, for each pair.
    private static List<(float[] Visual, float[] Textual)> Encode(Encoder encoder, (int Content, int Row)[] rows)
    {
        var visual = encoder.Pictures!.Encode([.. rows.Select(r => (r.Row, Files[r.Content]))]);
        var textual = encoder.Texts!.Encode([.. rows.Select(r => (r.Row, Texts[r.Content]))]);
        return [.. visual.Zip(textual)];
    }
}
