using LmmRec.Artifacts;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class TripleSamplerTests
{
    private const int Users = 50, Items = 40;

    [Fact]
    public void An_epoch_visits_every_training_pair_once_and_its_last_batch_is_the_rest()
    {
        var data = Random(seed: 1);
        var batches = new TripleSampler(data, 32, new SeededRandom(2)).Epoch().ToList();
        Assert.All(batches.SkipLast(1), b => Assert.Equal(32, b.Users.Length));
        Assert.Equal(data.Positives.Length % 32, batches[^1].Users.Length);
        Assert.Equal(
            data.Positives.OrderBy(p => p.User).ThenBy(p => p.Item),
            batches.SelectMany(b => b.Users.Zip(b.Positives, (u, i) => new Interaction((int)u, (int)i))).OrderBy(p => p.User).ThenBy(p => p.Item));
    }

    [Fact]
    public void Two_epochs_differ_in_order_and_the_same_seed_repeats_them()
    {
        var data = Random(seed: 1);
        long[] Users(TripleSampler sampler) => [.. sampler.Epoch().SelectMany(b => b.Users)];
        var (a, b) = (new TripleSampler(data, 32, new SeededRandom(2)), new TripleSampler(data, 32, new SeededRandom(2)));
        var first = Users(a);
        Assert.Equal(first, Users(b));
        Assert.NotEqual(first, Users(a));
    }

    [Fact]
    public void A_negative_is_never_in_the_users_training_history_and_always_occurs_in_training()
    {
        var data = Random(seed: 3);
        foreach (var batch in Enumerable.Range(0, 20).SelectMany(_ => new TripleSampler(data, 64, new SeededRandom(4)).Epoch()))
            for (var b = 0; b < batch.Users.Length; b++)
            {
                Assert.True(data.TrainItems[(int)batch.Users[b]].BinarySearch((int)batch.Negatives[b]) < 0);
                Assert.True(data.Candidates.AsSpan().BinarySearch((int)batch.Negatives[b]) >= 0);
            }
    }

    [Fact]
    public void Negatives_are_uniform_over_what_the_user_has_not_seen()
    {
        // User 0 has seen item 0; items 1 to 4 are candidates through user 1.
        var data = Data([new(0, 0), new(1, 1), new(1, 2), new(1, 3), new(1, 4)]);
        var counts = new int[5];
        var sampler = new TripleSampler(data, 8, new SeededRandom(5));
        for (var epoch = 0; epoch < 10_000; epoch++)
            foreach (var batch in sampler.Epoch())
                counts[batch.Negatives[Array.IndexOf(batch.Users, 0L)]]++;
        Assert.Equal(0, counts[0]);
        var chiSquared = counts[1..].Sum(c => (c - 2500.0) * (c - 2500.0) / 2500);
        Assert.InRange(chiSquared, 0, 16.27); // 3 degrees of freedom, p = 0.001
    }

    [Fact]
    public void A_user_who_has_seen_every_item_is_counted_and_not_trained_on()
    {
        var data = Data([new(0, 0), new(0, 1), new(1, 0)]);
        Assert.Equal(1, data.UsersWithEverythingSeen);
        Assert.Equal([new Interaction(1, 0)], data.Positives);
    }

    private static Dataset Random(int seed)
    {
        var random = new SeededRandom(seed);
        return Data([.. Enumerable.Range(0, 500).Select(_ => new Interaction(random.NextInt32(Users), random.NextInt32(Items))).Distinct()]);
    }

    private static Dataset Data(IReadOnlyList<Interaction> train) => Dataset.From(
        [.. Enumerable.Range(0, Users).Select(u => $"u{u}")], [.. Enumerable.Range(0, Items).Select(i => $"i{i}")], train, []);
}
