using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>How well one side finds the other (docs/encoders.md#retrieval).</summary>
/// <param name="Queries">how many looked for their partner</param>
/// <param name="RecallAt1">share whose partner came first</param>
/// <param name="RecallAt5">share whose partner was among the first 5</param>
/// <param name="RecallAt10">share whose partner was among the first 10</param>
/// <param name="MedianRank">median of the partners' ranks, from 1; the mean of the middle two where the queries are even in number</param>
internal sealed record RetrievalMetrics(int Queries, double RecallAt1, double RecallAt5, double RecallAt10, double MedianRank)
{
    /// <summary>Of the ranks of one query or more.</summary>
    public static RetrievalMetrics Of(IEnumerable<int> ranks)
    {
        int[] sorted = [.. ranks.Order()];
        return new RetrievalMetrics(sorted.Length, Recall(1), Recall(5), Recall(10), (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0);

        double Recall(int k) => (double)sorted.Count(rank => rank <= k) / sorted.Length;
    }
}

/// <summary>Pictures that look for texts, and texts that look for pictures.</summary>
internal sealed record RetrievalBothWays(RetrievalMetrics ImageToText, RetrievalMetrics TextToImage);

/// <summary>Retrieval over some pairs: each picture ranks all their texts by cosine and each text all their pictures.</summary>
/// <param name="Overall">of all pairs</param>
/// <param name="ByCategory">of the pairs of each top category, by its index; they rank the texts and pictures of all</param>
internal sealed record Retrieval(RetrievalBothWays Overall, IReadOnlyDictionary<int, RetrievalBothWays> ByCategory)
{
    /// <summary>Measures; memory beyond the vectors is some numbers a pair and thread.</summary>
    /// <param name="images">[pairs × width]</param>
    /// <param name="texts">[pairs × width]</param>
    /// <param name="pairs">whose vectors these are; one or more</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks</param>
    /// <exception cref="NotFiniteException">A vector is not finite.</exception>
    public static Retrieval Measure(float[] images, float[] texts, IReadOnlyList<Pair> pairs, int threads, CancellationToken cancellation)
    {
        var width = images.Length / pairs.Count;
        CheckFinite(images, width, pairs, "picture");
        CheckFinite(texts, width, pairs, "text");
        var (ofImages, ofTexts) = PartnerRanks.Of(new Cosines(images, texts, width), pairs, threads, cancellation);
        return new Retrieval(
            Over(Enumerable.Range(0, pairs.Count)),
            Enumerable.Range(0, pairs.Count).Where(pair => pairs[pair].Category >= 0).GroupBy(pair => pairs[pair].Category).ToDictionary(group => group.Key, Over));

        RetrievalBothWays Over(IEnumerable<int> some) => new(RetrievalMetrics.Of(some.Select(pair => ofImages[pair])), RetrievalMetrics.Of(some.Select(pair => ofTexts[pair])));
    }

    private static void CheckFinite(float[] vectors, int width, IReadOnlyList<Pair> pairs, string what)
    {
        if (vectors.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is >= 0 and var at)
            throw new NotFiniteException($"the vector of the {what} of item {pairs[at / width].Item} holds {vectors[at]} at position {at % width}");
    }
}
