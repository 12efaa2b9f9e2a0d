using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;
using LmmRec.Train.Harness;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>Measures an encoder on pairs that it is not trained on: their loss, in batches as large as those of the training, and how one side finds the other.</summary>
/// <param name="pairs">all pairs</param>
/// <param name="places">of those that were held out</param>
/// <param name="feed">makes what the encoder is fed</param>
/// <param name="options">sizes of batches</param>
/// <param name="threads">threads to use</param>
internal sealed class HeldOut(TuningPairs pairs, IReadOnlyList<int> places, PairFeed feed, TuneOptions options, int threads)
{
    /// <summary>The value by which the best epoch is chosen.</summary>
    public const string Loss = "held_out_loss";

    /// <summary>How far vectors are from being all the same.</summary>
    public const string ImageSpread = "image_spread", TextSpread = "text_spread";

    private readonly List<Pair> _pairs = [.. places.Select(place => pairs.All[place])];
    private readonly List<int[]> _batches = Batches(pairs, places, options);

    /// <summary>Measures with the present parameters.</summary>
    /// <param name="model">the encoder</param>
    /// <param name="epoch">epochs that were done</param>
    /// <param name="cancellation">ends it between two parts</param>
    /// <exception cref="NotFiniteException">The loss or a vector is not finite.</exception>
    public IReadOnlyList<TuningRow> Measure(TuningModel model, int epoch, CancellationToken cancellation)
    {
        var vectors = feed.Encode(model, places, TuningPlan.Vectors(model.Tuning), options.MicroBatch, cancellation);
        var loss = LossOf(model, vectors);
        if (!double.IsFinite(loss)) throw new NotFiniteException("the loss of what was held out is not finite");
        var contrast = model.Tuning.Contrasts[0];
        var (images, texts) = (vectors[contrast.Images].As<float>(), vectors[contrast.Texts].As<float>());
        var retrieval = Retrieval.Measure(images, texts, _pairs, threads, cancellation);
        return
        [
            new TuningRow(epoch, null, Loss, loss, Decides: true),
            new TuningRow(epoch, null, ImageSpread, SpreadOf(images), Decides: false),
            new TuningRow(epoch, null, TextSpread, SpreadOf(texts), Decides: false),
            .. Of(null, retrieval.Overall),
            .. retrieval.ByCategory.OrderBy(category => category.Key).SelectMany(category => Of(pairs.Categories[category.Key], category.Value)),
        ];

        IEnumerable<TuningRow> Of(string? category, RetrievalBothWays both) => [.. OneWay(category, "image_text", both.ImageToText), .. OneWay(category, "text_image", both.TextToImage)];

        IEnumerable<TuningRow> OneWay(string? category, string way, RetrievalMetrics metrics) =>
            new[] { ("recall@1", metrics.RecallAt1), ("recall@5", metrics.RecallAt5), ("recall@10", metrics.RecallAt10), ("median_rank", metrics.MedianRank) }
                .Select(metric => new TuningRow(epoch, category, $"{way}_{metric.Item1}", metric.Item2, Decides: false));
    }

    private double SpreadOf(float[] vectors)
    {
        var width = vectors.Length / _pairs.Count;
        return Spread.Of(vectors.AsSpan(0, width), vectors.AsSpan(width));
    }

    private double LossOf(TuningModel model, IReadOnlyDictionary<string, TensorData> vectors) =>
        _batches.Sum(batch => batch.Length * model.Compare(Rows.Of(vectors, batch)).Loss) / _batches.Sum(batch => batch.Length);

    // The same each time; no two pairs of one are right for each other.
    private static List<int[]> Batches(TuningPairs pairs, IReadOnlyList<int> places, TuneOptions options)
    {
        List<Pair> heldOut = [.. places.Select(place => pairs.All[place])];
        var batches = new BatchSampler(heldOut, [.. Enumerable.Range(0, heldOut.Count)], options.Batch, SeededRandom.For(options.Seed, "held out batches")).Epoch().ToList();
        return batches.Count > 0 ? batches : throw new InvalidInputException(
            $"of {pairs.All.Count} pairs {heldOut.Count} were held out, and no two of them differ in picture and text, such as where one placeholder is the picture of all, so that nothing can be compared; "
            + "raise tune.heldOut, or bring more items with pictures and texts of their own");
    }
}
