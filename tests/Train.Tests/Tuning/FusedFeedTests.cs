using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Text;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class FusedFeedTests
{
    private const int Length = 6;
    private static readonly WordPieceVocabulary Pieces = new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "f", "g", "h"], new TextCleaning()).Pieces;

    // Pair i has the picture i and the text [CLS] i + 5 i + 5 [SEP]. Pairs 6 and 7 have one text, so that each is the other's right partner.
    private static readonly Pair[] Pairs = [.. Enumerable.Range(0, 8).Select(i => new Pair(100 + i, (UInt128)i, (UInt128)Math.Min(i, 6)))];

    [Fact]
    public void Each_row_gets_the_picture_and_the_text_that_were_drawn_for_it_and_a_label_that_says_so()
    {
        int[] batch = [3, 6, 7, 1];
        var part = FeedOf([7, 1]);
        Make(9).AddTo(part, [2, 3], batch, ([1, 3, 0, 2], [2, 0, 3, 0]), epoch: 1);
        Assert.Equal([3f, 7], part[FusedLoss.WrongPixels].As<float>());
        Assert.Equal([.. TextOf(1), .. TextOf(3)], part[FusedLoss.WrongIds].As<long>());
        Assert.Equal([1L, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0], part[FusedLoss.WrongMask].As<long>());
        Assert.Equal([1L, 1, 0, 0, 0, 0], part[FusedLoss.Matches].As<long>());
    }

    [Fact]
    public void A_row_without_a_wrong_partner_does_not_count_as_one()
    {
        int[] batch = [6, 7];
        var part = FeedOf(batch);
        Make(9).AddTo(part, [0, 1], batch, NegativeDrawing.Draw([1, 2, 3, 4], [Pairs[6], Pairs[7]], new SeededRandom(1)), epoch: 1);
        Assert.Equal([1L, 1, -1, -1, -1, -1], part[FusedLoss.Matches].As<long>());
        Assert.Equal([6f, 7], part[FusedLoss.WrongPixels].As<float>());
    }

    [Fact]
    public void Words_that_are_hidden_depend_on_seed_epoch_and_pair_and_not_on_the_batch()
    {
        var (labels, ids) = Masked(9, 1, [0, 1, 2, 3]);
        var (other, otherIds) = Masked(9, 1, [2, 5]);
        Assert.Equal(labels[(2 * Length)..(3 * Length)], other[..Length]);
        Assert.Equal(ids[(2 * Length)..(3 * Length)], otherIds[..Length]);
        Assert.All(labels.Chunk(Length), text => Assert.Single(text, label => label >= 0));
        Assert.True(Enumerable.Range(2, 20).Any(epoch => !Masked(9, epoch, [2, 5]).Labels.SequenceEqual(other)));
        Assert.True(Enumerable.Range(10, 20).Any(seed => !Masked(seed, 1, [2, 5]).Labels.SequenceEqual(other)));
    }

    private static (long[] Labels, long[] Ids) Masked(long seed, int epoch, int[] batch)
    {
        var part = FeedOf(batch);
        Make(seed).AddTo(part, [.. Enumerable.Range(0, batch.Length)], batch, ([.. batch.Select(_ => 0)], [.. batch.Select(_ => 0)]), epoch);
        return (part[FusedLoss.WordLabels].As<long>(), part[FusedLoss.MaskedIds].As<long>());
    }

    private static FusedFeed Make(long seed) => new(Pieces, Pairs, FeedOf, seed);

    private static Batch FeedOf(IReadOnlyList<int> places) => new()
    {
        [EncoderGraph.Pixels] = TensorData.Of([.. places.Select(place => (float)place)], places.Count, 1),
        [EncoderGraph.Ids] = TensorData.Of([.. places.SelectMany(TextOf)], places.Count, Length),
        [EncoderGraph.Mask] = TensorData.Of([.. places.SelectMany(_ => new long[] { 1, 1, 1, 1, 0, 0 })], places.Count, Length),
    };

    private static long[] TextOf(int place) => [2, place + 5, place + 5, 3, 0, 0];
}
