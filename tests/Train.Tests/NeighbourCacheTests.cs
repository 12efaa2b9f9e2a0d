using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

public sealed class NeighbourCacheTests
{
    private const int Items = 40, Width = 8, K = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Neighbours_are_kept_under_the_hash_of_the_features_and_not_found_for_others()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.PathOf("cache"));
        var (a, b) = (Random(seed: 7), Random(seed: 8));
        var found = Get(cache, a);
        Assert.Single(Directory.GetFiles(folder.PathOf("cache")));
        var again = Get(cache, a);
        Assert.Equal(found.Items, again.Items);
        Assert.Equal(found.Similarities, again.Similarities);
        Assert.Equal(Neighbours.Of(b.Values, Width, K, threads: 1, Cancellation).Items, Get(cache, b).Items);
        Assert.Equal(2, Directory.GetFiles(folder.PathOf("cache")).Length);
    }

    [Fact]
    public void A_cached_file_that_was_cut_short_is_made_again()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.Path);
        var features = Random(seed: 7);
        var found = Get(cache, features);
        var file = Directory.GetFiles(folder.Path).Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        Assert.Equal(found.Items, Get(cache, features).Items);
    }

    [Fact]
    public async Task Who_wants_neighbours_of_other_features_does_not_wait()
    {
        using var folder = new TemporaryFolder();
        var cache = new NeighbourCache(folder.Path);
        using ManualResetEventSlim held = new(), goOn = new();
        var first = Task.Run(() => NeighbourCache.Alone("a", Hold, Cancellation), Cancellation);
        held.Wait(Cancellation);
        try
        {
            await Task.Run(() => Get(cache, Random(seed: 8)), Cancellation).WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
        }
        finally
        {
            goOn.Set();
        }
        Assert.Equal(1, await first);

        int Hold()
        {
            held.Set();
            goOn.Wait(Cancellation);
            return 1;
        }
    }

    private static Neighbours Get(NeighbourCache cache, FeatureMatrix features) => cache.Get(features, K, threads: 2, Cancellation);

    private static FeatureMatrix Random(long seed)
    {
        var random = new SeededRandom(seed);
        return new FeatureMatrix([.. Enumerable.Range(0, Items * Width).Select(_ => (float)random.NextNormal())], Width);
    }
}
