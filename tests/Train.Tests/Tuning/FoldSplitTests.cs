using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class FoldSplitTests
{
    private static readonly Gen<(Pair[] Pairs, long Seed)> Any =
        from count in Gen.Int[1, 80]
        from hashes in Gen.Int[1, 200]
        from pairs in Gen.Select(Gen.Int[0, hashes], Gen.Int[0, hashes]).Array[count]
        from seed in Gen.Long
        select (pairs.Select((p, i) => new Pair(i, (UInt128)p.Item1, (UInt128)p.Item2)).ToArray(), seed);

    [Fact]
    public void No_picture_and_no_text_lies_on_both_sides() => Gen.Select(Any, Gen.Double[0, 1]).Sample((t, share) =>
    {
        var (training, heldOut) = FoldSplit.HoldOut(t.Pairs, share, 0, new SeededRandom(t.Seed));
        Assert.Equal(Enumerable.Range(0, t.Pairs.Length), training.Concat(heldOut).Order());
        Assert.InRange(heldOut.Length, 0, Math.Round(share * t.Pairs.Length));
        AssertApart(t.Pairs, training, heldOut);
    });

    [Theory]
    [InlineData(985, 98)]
    [InlineData(297, 30)]
    public void A_tenth_of_pairs_that_all_differ_is_held_out(int count, int expected) =>
        Assert.Equal(expected, FoldSplit.HoldOut(Different(count), 0.1, 0, new SeededRandom(1)).HeldOut.Length);

    [Fact]
    public void The_seed_decides_and_nothing_else()
    {
        Assert.Equal(Held(3), Held(3));
        Assert.NotEqual(Held(3), Held(4));

        static int[] Held(long seed) => FoldSplit.HoldOut(Different(200), 0.1, 0, new SeededRandom(seed)).HeldOut;
    }

    [Fact]
    public void Five_folds_of_a_fifth_hold_every_pair_out_once()
    {
        int[][] folds = [.. Enumerable.Range(0, 5).Select(fold => FoldSplit.HoldOut(Different(297), 0.2, fold, new SeededRandom(1)).HeldOut)];
        Assert.All(folds, heldOut => Assert.InRange(heldOut.Length, 59, 60));
        Assert.Equal(Enumerable.Range(0, 297), folds.SelectMany(heldOut => heldOut).Order());
    }

    [Fact]
    public void Folds_have_no_picture_and_no_text_in_common() => Gen.Select(Any, Gen.Double[0.1, 0.5]).Sample((t, share) =>
        AssertApart(t.Pairs, FoldSplit.HoldOut(t.Pairs, share, 0, new SeededRandom(t.Seed)).HeldOut, FoldSplit.HoldOut(t.Pairs, share, 1, new SeededRandom(t.Seed)).HeldOut));

    private static Pair[] Different(int count) => [.. Enumerable.Range(0, count).Select(i => new Pair(i, (UInt128)i, (UInt128)i))];

    private static void AssertApart(Pair[] pairs, int[] a, int[] b)
    {
        Assert.Empty(a.Select(i => pairs[i].Picture).Intersect(b.Select(i => pairs[i].Picture)));
        Assert.Empty(a.Select(i => pairs[i].Text).Intersect(b.Select(i => pairs[i].Text)));
    }
}
