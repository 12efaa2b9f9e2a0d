using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>
/// What VLMo's fused losses are fed for a batch beside its pairs: a wrong picture for each text, a wrong text for each picture, and the texts with some
/// words hidden. All is drawn by one generator for the batch, so that parts of it do not depend on each other.
/// </summary>
internal sealed class FusedFeed
{
    private readonly IReadOnlyList<int> _places;
    private readonly PairFeed _feed;
    private readonly int? _epoch;
    private readonly int[] _pictures, _texts; // wrong ones, as rows of the batch
    private readonly MaskedText[] _masked;
    private readonly int _labels;

    /// <param name="places">of the batch's pairs</param>
    /// <param name="pairs">all pairs</param>
    /// <param name="encoder">the encoder</param>
    /// <param name="feed">makes what the encoder is fed for some pairs</param>
    /// <param name="epoch">in which pictures are augmented; null: they are not</param>
    /// <param name="logits">of every picture with every text of the batch [B × B]</param>
    /// <param name="random">draws</param>
    public FusedFeed(
        IReadOnlyList<int> places, TuningPairs pairs, TrainableEncoder encoder, PairFeed feed, int? epoch, ReadOnlySpan<float> logits, SeededRandom random)
    {
        (_places, _feed, _epoch) = (places, feed, epoch);
        (_pictures, _texts) = NegativeDrawing.Draw(logits, [.. places.Select(place => pairs.All[place])], random);
        var masking = new WordMasking(encoder.Texts!.WordPieces ?? throw new InvalidInputException("words are hidden in texts of word pieces only; tune by itc"));
        _masked = [.. places.Select(place => masking.Mask(encoder.Texts.Tokenize(pairs.Text(place)), random))];
        _labels = _masked.Sum(Labels);
    }

    /// <summary>What the losses of some rows are fed beside their pairs, and with what weight each counts in the whole. From any thread.</summary>
    /// <param name="rows">of the batch</param>
    /// <returns>By loss its weight; a loss is a mean, over pairs or over labels.</returns>
    public (Batch Feed, IReadOnlyDictionary<string, double> Weights) Of(IReadOnlyList<int> rows)
    {
        // Where every partner is right a pair stands in for its own wrong one, and does not count.
        int[] wrongPictures = [.. rows.Select(row => _pictures[row])], wrongTexts = [.. rows.Select(row => _texts[row])];
        var texts = _feed.Texts(Others(wrongTexts));
        var batch = new Batch
        {
            [FusedLoss.WrongPixels] = _feed.Pictures(Others(wrongPictures), _epoch)[EncoderGraph.Pixels],
            [FusedLoss.WrongIds] = texts[EncoderGraph.Ids],
            [FusedLoss.WrongMask] = texts[EncoderGraph.Mask],
        };
        long[] matches = [.. rows.Select(_ => 1L), .. wrongPictures.Concat(wrongTexts).Select(row => row == NegativeDrawing.None ? -1L : 0)];
        batch[FusedLoss.Matches] = TensorData.Of(matches);
        var masked = rows.Select(row => _masked[row]).ToList();
        batch[FusedLoss.MaskedIds] = TensorData.Of([.. masked.SelectMany(text => text.Ids)], rows.Count, masked[0].Ids.Length);
        batch[FusedLoss.WordLabels] = TensorData.Of([.. masked.SelectMany(text => text.Labels)], rows.Count, masked[0].Labels.Length);
        var counted = _places.Count + _pictures.Concat(_texts).Count(row => row != NegativeDrawing.None);
        var weights = new Dictionary<string, double>
        {
            [FusedLoss.Matching] = matches.Count(match => match >= 0) / (double)counted,
            [FusedLoss.Words] = masked.Sum(Labels) / Math.Max(1.0, _labels),
        };
        foreach (var (loss, weight) in weights) batch[TuningPlan.WeightOf(loss)] = TensorData.Scalar((float)(weight * (loss == FusedLoss.Words ? FusedLoss.WordsWeight : 1)));
        return (batch, weights);

        int[] Others(int[] others) => [.. others.Index().Select(other => _places[other.Item == NegativeDrawing.None ? rows[other.Index] : other.Item])];
    }

    private static int Labels(MaskedText text) => text.Labels.Count(label => label != WordMasking.NoLabel);
}
