using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class RetrievalTests
{
    // Few small whole numbers: many cosines tie. Few hashes: many pictures and texts are the same.
    private static readonly Gen<(Pair[] Pairs, float[] Images, float[] Texts)> Any =
        from count in Gen.Int[1, 300]
        from hashes in Gen.Int[1, 400]
        from pairs in Gen.Select(Gen.Int[0, hashes], Gen.Int[0, hashes], Gen.Int[-1, 2]).Array[count]
        from images in Gen.Int[-2, 2].Array[count * Width]
        from texts in Gen.Int[-2, 2].Array[count * Width]
        select (pairs.Select((p, i) => new Pair(i, (UInt128)p.Item1, (UInt128)p.Item2, p.Item3)).ToArray(), Array.ConvertAll(images, v => (float)v), Array.ConvertAll(texts, v => (float)v));

    private const int Width = 3;

    [Fact]
    public void Ranks_are_those_of_sorting_all_candidates_of_each_query() => Any.Sample(t =>
    {
        var (pairs, images, texts) = t;
        var (forward, backward) = (SortedRanks(pairs, images, texts), SortedRanks(pairs, texts, images));
        var measured = Measure(images, texts, pairs);
        Assert.Equal(new RetrievalBothWays(RetrievalMetrics.Of(forward), RetrievalMetrics.Of(backward)), measured.Overall);
        Assert.Equal(pairs.Select(p => p.Category).Where(c => c >= 0).Distinct().Order(), measured.ByCategory.Keys.Order());
        foreach (var (category, both) in measured.ByCategory)
        {
            int[] queries = [.. Enumerable.Range(0, pairs.Length).Where(i => pairs[i].Category == category)];
            Assert.Equal(new RetrievalBothWays(RetrievalMetrics.Of(queries.Select(i => forward[i])), RetrievalMetrics.Of(queries.Select(i => backward[i]))), both);
        }
    }, iter: 60);

    [Fact]
    public void The_number_of_threads_does_not_change_a_rank()
    {
        var (images, texts) = (Random(700 * 20, 1), Random(700 * 20, 2));
        Pair[] pairs = [.. Enumerable.Range(0, 700).Select(i => new Pair(i, (UInt128)i, (UInt128)(i % 600)))];
        Assert.Equal(Measure(images, texts, pairs, threads: 1).Overall, Measure(images, texts, pairs, threads: 3).Overall);
    }

    [Fact]
    public void Vectors_that_match_are_found_first_and_random_ones_in_the_middle()
    {
        Pair[] pairs = [.. Enumerable.Range(0, 500).Select(i => new Pair(i, (UInt128)i, (UInt128)i))];
        var images = Random(500 * 30, 3);
        Assert.Equal(new RetrievalMetrics(500, 1, 1, 1, 1), Measure(images, [.. images.Select(v => 7 * v)], pairs).Overall.ImageToText);
        var random = Measure(images, Random(500 * 30, 4), pairs).Overall.TextToImage;
        Assert.InRange(random.MedianRank, 200, 300);
        Assert.InRange(random.RecallAt10, 0, 0.06);
    }

    [Fact]
    public void A_text_that_several_items_share_is_found_by_each_of_their_pictures()
    {
        // Both items are called the same. The second picture is nearer to the first one's copy of the text.
        Pair[] pairs = [new(0, 1, 9), new(1, 2, 9), new(2, 3, 8)];
        float[] images = [1, 0, 0, 1, -1, 0], texts = [0, 1, 0.1f, 1, -1, 0];
        Assert.Equal(1, Measure(images, texts, pairs).Overall.ImageToText.RecallAt1);
    }

    [Fact]
    public void The_median_of_an_even_number_of_ranks_is_the_mean_of_the_middle_two() =>
        Assert.Equal(new RetrievalMetrics(4, 0.25, 0.5, 0.75, 6), RetrievalMetrics.Of([7, 1, 11, 5]));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_vector_that_is_not_finite_is_an_error_that_names_the_item(float value)
    {
        Pair[] pairs = [new(4, 1, 1), new(8, 2, 2)];
        var e = Assert.Throws<NotFiniteException>(() => Measure([1, 2, 3, 4], [1, 2, 3, value], pairs));
        Assert.Contains("text of item 8", e.Message);
    }

    private static Retrieval Measure(float[] images, float[] texts, Pair[] pairs, int threads = 2) => Retrieval.Measure(images, texts, pairs, threads, TestContext.Current.CancellationToken);

    private static int[] SortedRanks(Pair[] pairs, float[] queries, float[] candidates) =>
    [
        .. Enumerable.Range(0, pairs.Length).Select(q => 1 + Enumerable.Range(0, pairs.Length)
            .OrderByDescending(c => Cosine(queries.AsSpan(q * Width, Width), candidates.AsSpan(c * Width, Width))).ThenBy(c => c)
            .TakeWhile(c => pairs[c].Picture != pairs[q].Picture && pairs[c].Text != pairs[q].Text).Count()),
    ];

    // With the rounding that is promised: product times the product of inverse norms, in floats.
    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float dot = 0, aa = 0, bb = 0;
        for (var f = 0; f < Width; f++) (dot, aa, bb) = (dot + a[f] * b[f], aa + a[f] * a[f], bb + b[f] * b[f]);
        return dot * (Inverse(aa) * Inverse(bb));

        static float Inverse(float squares) => squares == 0 ? 0 : (float)(1 / Math.Sqrt(squares));
    }

    private static float[] Random(int count, long seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
