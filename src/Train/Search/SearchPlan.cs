using LmmRec.Artifacts;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Search;

/// <summary>Which combinations are tried, and how far: rungs, of which the last one trains to the end.</summary>
internal static class SearchPlan
{
    /// <summary>The settings that are tried, in the order of the grid.</summary>
    /// <param name="grid">all of them</param>
    /// <param name="search">how many are drawn</param>
    /// <param name="recommender">whose they are: each draws for itself, the same ones for every case</param>
    public static IReadOnlyList<Setting> Drawn(IReadOnlyList<Setting> grid, SearchOptions search, string recommender)
    {
        if (search.Kind == SearchKind.Grid || search.Trials is not { } trials || trials >= grid.Count) return grid;
        var random = SeededRandom.For(search.Seed, $"search {recommender}");
        int[] places = [.. Enumerable.Range(0, grid.Count)];
        for (var n = 0; n < trials; n++)
        {
            var other = n + random.NextInt32(places.Length - n);
            (places[n], places[other]) = (places[other], places[n]);
        }
        return [.. places[..trials].Order().Select(place => grid[place])];
    }

    /// <summary>How many of <paramref name="settings"/> are alive in each rung; the last rung is the training to the end.</summary>
    public static IReadOnlyList<int> Rungs(int settings, SearchOptions search)
    {
        var alive = new List<int> { settings };
        while (search.Kind == SearchKind.Halving && alive[^1] > 1) alive.Add((alive[^1] + search.Factor - 1) / search.Factor);
        return alive;
    }

    /// <summary>
    /// The epochs after which a rung ends: each rung is <see cref="SearchOptions.Factor"/> times as long as the one before. It ends with an evaluation that
    /// the training would make anyway, so that one that goes on comes to the same bytes as one that was never halted.
    /// </summary>
    /// <param name="epochs">the most of the training</param>
    /// <param name="evaluateEvery">epochs from one evaluation to the next</param>
    /// <param name="rungsToCome">0: the last</param>
    /// <param name="factor">how much longer the next is</param>
    public static int End(int epochs, int evaluateEvery, int rungsToCome, int factor)
    {
        var share = epochs / Math.Pow(factor, rungsToCome);
        return rungsToCome == 0 ? epochs : Math.Min(epochs, (int)Math.Ceiling(share / evaluateEvery) * evaluateEvery);
    }
}
