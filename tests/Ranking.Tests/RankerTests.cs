using CsCheck;

namespace LmmRec.Ranking.Tests;

public sealed class RankerTests
{
    private const string Seed = "0000KOIPZG52";

    // Few distinct values, so that many scores tie; sizes on both sides of the kernel's tiles, blocks and chunks.
    private static readonly Gen<Case> Small = Cases(users: 14, items: 150, Gen.Int[-2, 2].Select(v => (float)v));
    private static readonly Gen<Case> Large = Cases(users: 230, items: 1400, Gen.Float[-1, 1]);

    [Fact]
    public void Rankings_with_many_ties_equal_the_naive_ones() => Small.Sample(AssertNaive, iter: 400, seed: Seed, threads: 1);

    [Fact]
    public void Rankings_over_many_blocks_equal_the_naive_ones() => Large.Sample(AssertNaive, iter: 8, seed: Seed, threads: 1);

    [Fact]
    public void A_user_who_has_seen_everything_gets_nothing()
    {
        var masked = ItemSets.Of(1, 70, Enumerable.Range(0, 70).Select(item => (0, item)));
        Assert.Empty(Rank(Ones(1), Ramp(70), masked, 70, 1)[0]);
    }

    [Fact]
    public void Where_unmasked_items_run_out_the_list_ends()
    {
        var masked = ItemSets.Of(1, 5, [(0, 3), (0, 4), (0, 1)]);
        Assert.Equal([2, 0], Rank(Ones(1), Ramp(5), masked, 4, 1)[0]);
    }

    [Fact]
    public void However_low_a_score_is_a_masked_item_does_not_stand_before_it() =>
        Assert.Equal([1, 0], Rank(new Vectors(new[] { -1e20f }, 1), new Vectors(new[] { 3e10f, 2e10f, 1e10f }, 1), ItemSets.Of(1, 3, [(0, 2)]), 3, 1)[0]);

    [Fact]
    public void Each_item_comes_with_its_score()
    {
        using var ranker = new Ranker(Ramp(4));
        float[] scores = [];
        ranker.Rank(new Vectors(new[] { 0.5f }, 1), [0], ItemSets.Of(1, 4, [(0, 2)]), 4, 1, (_, _, found) => scores = found.ToArray(), CancellationToken.None);
        Assert.Equal([1.5f, 0.5f, 0f], scores);
    }

    [Fact]
    public void A_score_that_underflows_to_negative_zero_ties_with_zero()
    {
        var users = new Vectors(new[] { 1e-30f }, 1);
        var items = new Vectors(new[] { -1e-30f, 0f, -1e-30f }, 1);
        Assert.Equal([0, 1, 2], Rank(users, items, ItemSets.Of(1, 3, []), 3, 1)[0]);
    }

    [Fact]
    public void Only_the_users_asked_for_are_ranked_in_their_order()
    {
        var users = new Vectors(new float[] { 1, -1, 1 }, 1);
        using var ranker = new Ranker(Ramp(4));
        var first = new int[2];
        ranker.Rank(users, [2, 1], ItemSets.Of(3, 4, []), 1, 1, (position, ranked, _) => first[position] = ranked[0], CancellationToken.None);
        Assert.Equal([3, 0], first);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_vector_that_holds_no_number_is_named(float value)
    {
        var bad = new Vectors(new[] { 1f, 2f, 3f, value }, 2);
        var good = new Vectors(new float[4], 2);
        var item = Assert.Throws<InvalidVectorException>(() => Rank(good, bad, ItemSets.Of(2, 2, []), 1, 1));
        Assert.Equal((VectorOwner.Item, 1), (item.Owner, item.Index));
        var user = Assert.Throws<InvalidVectorException>(() => Rank(bad, good, ItemSets.Of(2, 2, []), 1, 1));
        Assert.Equal((VectorOwner.User, 1), (user.Owner, user.Index));
    }

    [Fact]
    public void A_user_whose_scores_would_overflow_is_named()
    {
        var users = new Vectors(new[] { 1f, -1e30f }, 1);
        var items = new Vectors(new[] { 1e30f }, 1);
        var error = Assert.Throws<InvalidVectorException>(() => Rank(users, items, ItemSets.Of(2, 1, []), 1, 1));
        Assert.Equal((VectorOwner.User, 1), (error.Owner, error.Index));
        Assert.Contains("overflows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_ranks_than_items_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Rank(Ones(1), Ramp(3), ItemSets.Of(1, 3, []), 4, 1));

    private static void AssertNaive(Case c)
    {
        var expected = Enumerable.Range(0, c.Users.Count).Select(user => NaiveRanking.Of(c.Users, c.Items, c.Masked, user, c.K)).ToArray();
        foreach (var threads in new[] { 1, 3 }) Assert.Equal(expected, Rank(c.Users, c.Items, c.Masked, c.K, threads));
    }

    private static int[][] Rank(Vectors users, Vectors items, ItemSets masked, int k, int threads)
    {
        var rankings = new int[users.Count][];
        using var ranker = new Ranker(items);
        ranker.Rank(users, [.. Enumerable.Range(0, users.Count)], masked, k, threads,
            (position, ranked, _) => rankings[position] = ranked.ToArray(), CancellationToken.None);
        return rankings;
    }

    private static Vectors Ones(int count) => new(Enumerable.Repeat(1f, count).ToArray(), 1);

    private static Vectors Ramp(int count) => new(Enumerable.Range(0, count).Select(i => (float)i).ToArray(), 1);

    private static Gen<Case> Cases(int users, int items, Gen<float> value) =>
        Gen.Select(Gen.Int[1, users], Gen.Int[1, items], Gen.Int[1, 9]).SelectMany((u, i, d) =>
            Gen.Select(value.Array[u * d], value.Array[i * d], Gen.Select(Gen.Int[0, u - 1], Gen.Int[0, i - 1]).Array[0, u * i * 2], Gen.Int[1, i])
                .Select((uv, iv, masked, k) => new Case(new Vectors(uv, d), new Vectors(iv, d), ItemSets.Of(u, i, masked.Take(i * 3)), k)));

    private sealed record Case(Vectors Users, Vectors Items, ItemSets Masked, int K);
}
