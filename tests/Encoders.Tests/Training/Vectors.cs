using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Training;

/// <summary>The vectors of a few pictures and texts, as Featurize makes them and as a trainable graph does.</summary>
internal static class Vectors
{
    private static readonly byte[][] Files = [.. Enumerable.Range(0, 3).Select(i => Pictures.Png(Pictures.Draw(50 + 9 * i, 60, i)))];
    private static readonly string[] Titles = ["a red mug", "plain blue cushion, moon", "the children's kite: white dotted diamond for holidays by the sea"];

    public static (IReadOnlyList<float[]> Visual, IReadOnlyList<float[]> Textual) Of(string folder)
    {
        using var encoder = Encoder.Open(folder, new RuntimeOptions());
        return (encoder.Pictures?.Encode([.. Files.Select((file, row) => (row, file))]) ?? [], encoder.Texts?.Encode(Titles) ?? []);
    }

    public static (IReadOnlyList<float[]> Visual, IReadOnlyList<float[]> Textual) Of(TrainableEncoder encoder) =>
        (Run(encoder.Visual, encoder.Pictures is { } pictures ? PicturesFor(pictures) : []), Run(encoder.Textual, encoder.Texts is { } texts ? texts.Feed([.. Titles.Select(texts.Tokenize)]) : []));

    public static Batch PicturesFor(PictureInput input) => input.Feed([.. Files.Select(file =>
    {
        var row = new float[input.Size];
        Assert.True(input.TryWrite(file, row, out var reason), reason);
        return row;
    })]);

    /// <summary>What a graph is fed for all of them.</summary>
    public static Batch FeedOf(TrainableEncoder encoder)
    {
        var batch = PicturesFor(encoder.Pictures!);
        foreach (var (name, data) in encoder.Texts!.Feed([.. Titles.Select(encoder.Texts.Tokenize)])) batch[name] = data;
        return batch;
    }

    /// <summary>Each number within <paramref name="tolerance"/> of the largest of its vector.</summary>
    public static void AssertClose(IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.Length, a.Length);
            Assert.InRange(e.Zip(a, (x, y) => Math.Abs(x - y)).Max(), 0, tolerance * e.Max(Math.Abs));
        }
    }

    private static List<float[]> Run(Graph? graph, Batch batch)
    {
        if (graph is null) return [];
        using var model = InferenceModel.Open(graph);
        var vectors = model.Run(batch).Values.Single();
        return [.. vectors.ToFloats().Chunk((int)vectors.Shape[1])];
    }
}
