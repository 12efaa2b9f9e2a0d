using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Text;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class WordMaskingTests
{
    private const int Padding = 0, Unknown = 1, Start = 2, End = 3, Mask = 4, FirstPiece = 5;
    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "shoe", "run", "##ning", "##s", "hat", ",", "##er", "a", "cotton"];
    private static readonly WordPieceVocabulary Pieces = new WordPieceTokenizer(Vocabulary, new TextCleaning()).Pieces;
    private static readonly WordMasking Masking = new(Pieces);

    // Words of one to four pieces, some unknown, between the markers, with padding.
    private static readonly Gen<(TokenizedText Text, long Seed)> Any =
        from words in Gen.OneOf(Gen.Const(new long[] { Unknown }), Gen.Select(Gen.OneOf(Gen.Long[5, 7], Gen.Long[10, 11], Gen.Long[13, 14]), Gen.OneOf(Gen.Long[8, 9], Gen.Const(12L)).Array[0, 3], (first, rest) => (long[])[first, .. rest])).Array[0, 40]
        from padding in Gen.Int[0, 5]
        from seed in Gen.Long
        let ids = (long[])[Start, .. words.SelectMany(w => w), End]
        select (new TokenizedText([.. ids, .. new long[padding]], ids.Length), seed);

    [Fact]
    public void Words_are_hidden_as_a_whole_and_markers_and_padding_never() => Any.Sample(t =>
    {
        var masked = Masking.Mask(t.Text, new SeededRandom(t.Seed));
        foreach (var word in Words(t.Text)) Assert.Single(word.Select(place => masked.Labels[place] == WordMasking.NoLabel).Distinct());
        for (var place = 0; place < t.Text.Length; place++)
            if (t.Text.Ids[place] < FirstPiece) Assert.Equal((WordMasking.NoLabel, t.Text.Ids[place]), (masked.Labels[place], masked.Ids[place]));
    });

    [Fact]
    public void A_label_is_the_piece_that_stood_there_and_all_other_places_stay() => Any.Sample(t =>
    {
        var masked = Masking.Mask(t.Text, new SeededRandom(t.Seed));
        for (var place = 0; place < t.Text.Length; place++)
            if (masked.Labels[place] == WordMasking.NoLabel) Assert.Equal(t.Text.Ids[place], masked.Ids[place]);
            else
            {
                Assert.Equal(t.Text.Ids[place], masked.Labels[place]);
                Assert.InRange(masked.Ids[place], Mask, Vocabulary.Length - 1); // [MASK] or a piece
            }
    });

    [Fact]
    public void As_many_pieces_are_hidden_as_fit_into_15_percent_and_at_least_one_word_is() => Any.Sample(t =>
    {
        var words = Words(t.Text);
        var masked = Masking.Mask(t.Text, new SeededRandom(t.Seed));
        var hidden = masked.Labels.Count(label => label != WordMasking.NoLabel);
        var wanted = Math.Max(1, (int)Math.Round(0.15 * words.Sum(w => w.Length)));
        var shown = words.Where(w => masked.Labels[w[0]] == WordMasking.NoLabel).ToList();
        if (words.Count == 0) Assert.Equal(0, hidden);
        else if (words.Min(w => w.Length) > wanted) Assert.Equal(words.Min(w => w.Length), hidden); // none fits: the shortest
        else
        {
            Assert.InRange(hidden, 1, wanted);
            Assert.All(shown, w => Assert.True(w.Length > wanted - hidden)); // no other would have fitted
        }
    });

    [Fact]
    public void Of_the_hidden_pieces_80_percent_become_the_mask_10_percent_any_piece_and_10_percent_stay()
    {
        var text = new TokenizedText([Start, .. Enumerable.Repeat(14L, 2000), End], 2002);
        var random = new SeededRandom(3);
        var counts = new int[Vocabulary.Length];
        for (var n = 0; n < 100; n++)
        {
            var masked = Masking.Mask(text, random);
            for (var place = 0; place < text.Length; place++)
                if (masked.Labels[place] != WordMasking.NoLabel) counts[masked.Ids[place]]++;
        }
        const double hidden = 30_000;
        var (others, pieces) = (counts[FirstPiece..14].Sum(), Vocabulary.Length - FirstPiece);
        Assert.Equal(hidden, counts.Sum());
        Assert.Equal(0.8, counts[Mask] / hidden, 0.01);
        Assert.Equal(0.1 * (pieces - 1) / pieces, others / hidden, 0.01);
        Assert.Equal(0.1 + 0.1 / pieces, counts[14] / hidden, 0.01); // those that stay, and those that are replaced by the same
        Assert.All(counts[..Mask], count => Assert.Equal(0, count));
    }

    [Fact]
    public void The_generator_alone_decides() => Any.Sample(t =>
    {
        var (a, b) = (Masking.Mask(t.Text, new SeededRandom(t.Seed)), Masking.Mask(t.Text, new SeededRandom(t.Seed)));
        Assert.Equal(a.Ids, b.Ids);
        Assert.Equal(a.Labels, b.Labels);
    });

    [Fact]
    public void A_vocabulary_without_mask_is_refused() => Assert.Contains("[MASK]", Assert.Throws<InvalidInputException>(() =>
        new WordMasking(new WordPieceTokenizer([.. Vocabulary.Where(piece => piece != "[MASK]")], new TextCleaning()).Pieces)).Message);

    private static List<int[]> Words(TokenizedText text)
    {
        List<List<int>> words = [];
        for (var place = 0; place < text.Count; place++)
            if (text.Ids[place] < FirstPiece) continue;
            else if (Pieces.GoesOn(text.Ids[place]) && words.Count > 0 && words[^1][^1] == place - 1) words[^1].Add(place);
            else words.Add([place]);
        return [.. words.Select(w => w.ToArray())];
    }
}
