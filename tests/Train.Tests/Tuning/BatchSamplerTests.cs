using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class BatchSamplerTests
{
    private static readonly Gen<(Pair[] Pairs, int Batch, long Seed)> Any =
        from count in Gen.Int[0, 80]
        from hashes in Gen.Int[1, 200]
        from pairs in Gen.Select(Gen.Int[0, hashes], Gen.Int[0, hashes]).Array[count]
        from batch in Gen.Int[2, 20]
        from seed in Gen.Long
        select (pairs.Select((p, i) => new Pair(i, (UInt128)p.Item1, (UInt128)p.Item2)).ToArray(), batch, seed);

    [Fact]
    public void No_two_pairs_of_a_batch_have_the_same_picture_or_text_and_no_pair_comes_twice() => Any.Sample(t =>
    {
        var batches = Sampler(t.Pairs, t.Batch, t.Seed).Epoch().ToList();
        foreach (var batch in batches)
        {
            Assert.Distinct(batch.Select(i => t.Pairs[i].Picture));
            Assert.Distinct(batch.Select(i => t.Pairs[i].Text));
        }
        Assert.Distinct(batches.SelectMany(b => b));
    });

    [Fact]
    public void All_batches_but_the_last_are_full_and_none_has_fewer_than_two() => Any.Sample(t =>
    {
        var batches = Sampler(t.Pairs, t.Batch, t.Seed).Epoch().ToList();
        Assert.All(batches.SkipLast(1), b => Assert.Equal(t.Batch, b.Length));
        Assert.All(batches.TakeLast(1), b => Assert.InRange(b.Length, 2, t.Batch));
    });

    [Fact]
    public void What_is_left_out_of_an_epoch_does_not_fit_into_its_last_batch_unless_it_is_alone() => Any.Sample(t =>
    {
        var batches = Sampler(t.Pairs, t.Batch, t.Seed).Epoch().ToList();
        int[] left = [.. Enumerable.Range(0, t.Pairs.Length).Except(batches.SelectMany(b => b))];
        if (left.Length == 0) return;
        var last = batches.LastOrDefault();
        if (last is null || last.Length == t.Batch)
            Assert.Contains(left, i => left.All(j => Clash(t.Pairs[i], t.Pairs[j]))); // the one that stayed alone
        else Assert.All(left, i => Assert.Contains(last, j => Clash(t.Pairs[i], t.Pairs[j])));
    });

    [Fact]
    public void Without_duplicates_an_epoch_visits_every_chosen_pair_once()
    {
        Pair[] pairs = [.. Enumerable.Range(0, 100).Select(i => new Pair(i, (UInt128)i, (UInt128)i))];
        int[] chosen = [.. Enumerable.Range(0, 100).Where(i => i % 3 > 0)];
        var batches = new BatchSampler(pairs, chosen, 16, new SeededRandom(1)).Epoch().ToList();
        Assert.Equal(chosen, batches.SelectMany(b => b).Order());
    }

    [Fact]
    public void A_sampler_with_the_state_between_two_epochs_goes_on_as_the_first_one_does()
    {
        Pair[] pairs = [.. Enumerable.Range(0, 50).Select(i => new Pair(i, (UInt128)(i % 40), (UInt128)i))];
        var sampler = Sampler(pairs, 8, 7);
        var first = sampler.Epoch().ToList();
        var state = sampler.Random.State;
        var second = sampler.Epoch().ToList();
        Assert.NotEqual(first, second);
        Assert.Equal(second, Sampler(pairs, 8, 0, new SeededRandom(state)).Epoch());
    }

    [Fact]
    public void A_batch_of_one_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler([new Pair(0, 1, 1), new Pair(1, 2, 2)], 1, 1));

    private static bool Clash(Pair a, Pair b) => a.Picture == b.Picture || a.Text == b.Text;

    private static BatchSampler Sampler(Pair[] pairs, int batch, long seed, SeededRandom? random = null) =>
        new(pairs, [.. Enumerable.Range(0, pairs.Length)], batch, random ?? new SeededRandom(seed));
}
