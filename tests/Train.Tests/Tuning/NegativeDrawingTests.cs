using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class NegativeDrawingTests
{
    [Fact]
    public void What_is_drawn_is_never_right_and_there_is_one_wherever_a_wrong_one_is() =>
        (from size in Gen.Int[1, 12]
         from pairs in Gen.Select(Gen.Int[0, 6], Gen.Int[0, 6]).Array[size]
         from logits in Gen.Float[-120, 120].Array[size * size]
         from seed in Gen.Long
         select (Pairs: pairs.Select((p, i) => new Pair(i, (UInt128)p.Item1, (UInt128)p.Item2)).ToArray(), logits, seed)).Sample(t =>
        {
            var (pictures, texts) = NegativeDrawing.Draw(t.logits, t.Pairs, new SeededRandom(t.seed));
            for (var own = 0; own < t.Pairs.Length; own++)
                foreach (var drawn in new[] { pictures[own], texts[own] })
                    if (drawn == NegativeDrawing.None) Assert.DoesNotContain(t.Pairs, other => t.Pairs[own].IsWrongFor(other));
                    else Assert.True(t.Pairs[own].IsWrongFor(t.Pairs[drawn]));
        });

    [Fact]
    public void Texts_are_drawn_by_the_softmax_of_rows_and_pictures_by_that_of_columns_without_the_diagonal()
    {
        const int Size = 4, Draws = 60_000;
        var random = new SeededRandom(1);
        float[] logits = [.. Enumerable.Range(0, Size * Size).Select(_ => (float)(1.5 * random.NextNormal()))];
        Pair[] pairs = [.. Enumerable.Range(0, Size).Select(i => new Pair(i, (UInt128)i, (UInt128)i))];
        var (pictures, texts) = (new int[Size, Size], new int[Size, Size]);
        for (var n = 0; n < Draws; n++)
        {
            var drawn = NegativeDrawing.Draw(logits, pairs, random);
            for (var own = 0; own < Size; own++)
            {
                pictures[own, drawn.Pictures[own]]++;
                texts[own, drawn.Texts[own]]++;
            }
        }
        for (var own = 0; own < Size; own++)
            for (var other = 0; other < Size; other++)
            {
                Assert.Equal(Weight(other, i => logits[own * Size + i]), texts[own, other] / (double)Draws, 0.01);
                Assert.Equal(Weight(other, i => logits[i * Size + own]), pictures[own, other] / (double)Draws, 0.01);

                double Weight(int i, Func<int, float> logit)
                {
                    var softmax = Enumerable.Range(0, Size).Select(j => Math.Exp(logit(j))).ToArray();
                    return i == own ? 0 : softmax[i] / (softmax.Sum() - softmax[own]);
                }
            }
    }

    [Fact]
    public void A_right_partner_that_leaves_nothing_to_the_others_does_not_keep_them_from_being_drawn()
    {
        Pair[] pairs = [.. Enumerable.Range(0, 3).Select(i => new Pair(i, (UInt128)i, (UInt128)i))];
        float[] logits = [500, -500, -490, 0, 500, 0, -500, -500, 500];
        var texts = Enumerable.Range(0, 200).Select(seed => NegativeDrawing.Draw(logits, pairs, new SeededRandom(seed)).Texts[0]).ToList();
        Assert.All(texts, text => Assert.Equal(2, text)); // e^-10 for the other
    }
}
