using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Dense;
using LmmRec.Encoders.Training;
using LmmRec.Evaluate.Statistics;
using LmmRec.Graphs;
using LmmRec.Train.Tuning;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Bench;

/// <summary>
/// How encoders find the texts of a catalogue's pictures, and what tuning changed in that. Every picture ranks the texts of all pairs, also where only pictures that were
/// held out are counted: among a fifth of the texts an encoder that knows something has little left to gain.
/// </summary>
internal sealed class RetrievalTable : IDisposable
{
    private const int Neighbours = 5;

    private static readonly string[] Columns = ["recall@1", "recall@10", $"category by {Neighbours} neighbours"];

    private readonly TemporaryFolder _folder;
    private readonly TuningPairs _pairs;
    private readonly int _threads;

    private RetrievalTable(TemporaryFolder folder, TuningPairs pairs, int threads) => (_folder, _pairs, _threads) = (folder, pairs, threads);

    /// <summary>Reads the pairs of a catalogue.</summary>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="threads">threads to use</param>
    public static async Task<RetrievalTable> OpenAsync(string ingest, int threads)
    {
        var folder = new TemporaryFolder();
        var context = new StepContext(new ArtifactWriter(folder.PathOf("pairs"), new Recipe("retrieval", 1, [], [])), new Silence(), TimeProvider.System, threads, "cpu");
        return new RetrievalTable(folder, await TuningPairs.ReadAsync(ingest, context, CancellationToken.None), threads);
    }

    /// <summary>A Markdown row per encoder, over all pairs.</summary>
    /// <param name="encoders">folders of encoders that have seen none of the pairs</param>
    public IEnumerable<string> Of(IEnumerable<string> encoders) =>
        Head("encoder", "pairs").Concat(encoders.Select(encoder => Row([encoder, $"{_pairs.All.Count}", .. Means(Measure(encoder)).Select(Percent)])));

    /// <summary>
    /// A Markdown row of the parent, one of the encoders that were tuned from it on this catalogue and one of the difference, with its 95 % interval by Student's t.
    /// A pair counts once, by its mean over the tunings that held it out.
    /// </summary>
    /// <param name="parent">folder of the encoder before</param>
    /// <param name="tuned">folders of those after, one or more</param>
    public IEnumerable<string> Of(string parent, IReadOnlyList<string> tuned)
    {
        var before = Measure(parent);
        var after = tuned.Select(encoder => (Values: Measure(encoder), HeldOut: HeldOut(encoder)));
        var pairs = after.SelectMany(encoder => encoder.HeldOut.Select(pair => (Pair: pair, Values: encoder.Values[pair])))
            .GroupBy(held => held.Pair).Select(held => (Before: before[held.Key], After: Means([.. held.Select(one => one.Values)]))).ToList();
        return
        [
            .. Head($"{tuned.Count} tunings", "pairs held out"),
            Row(["before", $"{pairs.Count}", .. Means([.. pairs.Select(pair => pair.Before)]).Select(Percent)]),
            Row(["after", $"{pairs.Count}", .. Means([.. pairs.Select(pair => pair.After)]).Select(Percent)]),
            Row(["difference", "", .. Columns.Index().Select(column => Points(MeanInterval.Of([.. pairs.Select(pair => pair.After[column.Index] - pair.Before[column.Index])])))]),
        ];
    }

    public void Dispose()
    {
        _pairs.Dispose();
        _folder.Dispose();
    }

    // Per pair the values of the columns.
    private double[][] Measure(string encoder)
    {
        var (images, texts, width) = Encode(TrainableEncoder.Open(encoder));
        var (ranks, _) = PartnerRanks.Of(new Cosines(images, texts, width), _pairs.All, _threads, CancellationToken.None);
        var alike = new Cosines(images, images, width);
        return [.. ranks.Select((rank, pair) => new[] { rank <= 1 ? 1.0 : 0, rank <= 10 ? 1 : 0, CategoryOf(alike, pair) == _pairs.All[pair].Category ? 1 : 0 })];
    }

    private (float[] Images, float[] Texts, int Width) Encode(TrainableEncoder encoder)
    {
        var tuning = encoder.TuningGraph(TuningLoss.Itc);
        using var model = InferenceModel.Open(tuning.Graph, new RuntimeOptions { Threads = _threads });
        var feed = new PairFeed(encoder, _pairs, seed: 0, _threads);
        var vectors = Enumerable.Range(0, _pairs.All.Count).Chunk(32).Select(places => model.Run(feed.Of(places))).ToList();
        var contrast = tuning.Contrasts[0];
        return (All(contrast.Images), All(contrast.Texts), (int)vectors[0][contrast.Images].Shape[1]);

        float[] All(string output) => [.. vectors.SelectMany(part => part[output].As<float>())];
    }

    // That of most of the nearest other pictures; of categories as frequent the one whose picture is nearer.
    private int CategoryOf(Cosines alike, int pair) => Enumerable.Range(0, _pairs.All.Count).Where(other => other != pair).OrderByDescending(other => alike.Of(pair, other)).Take(Neighbours)
        .GroupBy(other => _pairs.All[other].Category).MaxBy(votes => votes.Count())!.Key;

    private int[] HeldOut(string encoder)
    {
        var recipe = TrainableEncoder.Open(encoder).Card.Tuned?["options"]?.AsObject() ?? throw new InvalidInputException($"{encoder}: its card does not say how it was tuned");
        var options = ConfigurationBinder.Bind<TuneOptions>(recipe);
        return FoldSplit.HoldOut(_pairs.All, options.HeldOut, options.Fold, SeededRandom.For(options.Seed, "held out")).HeldOut;
    }

    private static double[] Means(double[][] values) => [.. Columns.Index().Select(column => values.Average(row => row[column.Index]))];

    private static string[] Head(params string[] first) => [Row([.. first, .. Columns]), Row(Enumerable.Repeat("---", first.Length + Columns.Length))];

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static string Points(MeanInterval difference) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * difference.Mean:+0.0;-0.0} [{100 * difference.Low:+0.0;-0.0}, {100 * difference.High:+0.0;-0.0}]");
}
