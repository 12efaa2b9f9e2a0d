using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Text;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning.Data;

/// <summary>Makes what VLMo's fused losses are fed beside pictures and texts: wrong partners for a part of a batch, and its texts with words hidden.</summary>
/// <param name="vocabulary">of the encoder's texts</param>
/// <param name="pairs">all pairs</param>
/// <param name="feed">makes the pictures and texts of pairs</param>
/// <param name="seed">of what is drawn: which words of a pair depends on it, the epoch and the pair alone</param>
internal sealed class FusedFeed(WordPieceVocabulary vocabulary, IReadOnlyList<Pair> pairs, Func<IReadOnlyList<int>, Batch> feed, long seed)
{
    private readonly WordMasking _masking = new(vocabulary);

    /// <summary>Adds it to what a part is fed.</summary>
    /// <param name="part">pictures and texts of the part [b, …]</param>
    /// <param name="rows">the part's rows of the batch</param>
    /// <param name="batch">places of all pairs of the batch</param>
    /// <param name="wrong">by row of the batch, the rows of a wrong picture and of a wrong text, as <see cref="NegativeDrawing"/> draws them</param>
    /// <param name="epoch">in which the batch is</param>
    public void AddTo(Batch part, IReadOnlyList<int> rows, IReadOnlyList<int> batch, (int[] Pictures, int[] Texts) wrong, int epoch)
    {
        var (pictures, texts) = (PartnersOf(wrong.Pictures), PartnersOf(wrong.Texts));
        part[FusedLoss.WrongPixels] = pictures[EncoderGraph.Pixels];
        part[FusedLoss.WrongIds] = texts[EncoderGraph.Ids];
        part[FusedLoss.WrongMask] = texts[EncoderGraph.Mask];
        part[FusedLoss.Matches] = TensorData.Of([.. rows.Select(_ => 1L), .. rows.Select(row => Counts(wrong.Pictures[row])), .. rows.Select(row => Counts(wrong.Texts[row]))], 3 * rows.Count);

        var ids = part[EncoderGraph.Ids];
        MaskedText[] masked = [.. TextsOf(part).Select((text, n) => _masking.Mask(text, SeededRandom.For(seed, $"words of epoch {epoch}, item {pairs[batch[rows[n]]].Item}")))];
        part[FusedLoss.MaskedIds] = TensorData.Of([.. masked.SelectMany(text => text.Ids)], ids.Shape);
        part[FusedLoss.WordLabels] = TensorData.Of([.. masked.SelectMany(text => text.Labels)], ids.Shape);

        // A row without a wrong partner keeps its place with its own, which does not count.
        Batch PartnersOf(int[] drawn) => feed([.. rows.Select(row => batch[drawn[row] == NegativeDrawing.None ? row : drawn[row]])]);

        static long Counts(int drawn) => drawn == NegativeDrawing.None ? -1 : 0;
    }

    private static IEnumerable<TokenizedText> TextsOf(Batch part)
    {
        var length = (int)part[EncoderGraph.Ids].Shape[1];
        return part[EncoderGraph.Ids].As<long>().Chunk(length).Zip(part[EncoderGraph.Mask].As<long>().Chunk(length), (ids, mask) => new TokenizedText(ids, (int)mask.Sum()));
    }
}
