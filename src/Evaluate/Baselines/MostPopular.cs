using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Baselines;

/// <summary>The same list for everybody, by how many users have an item in training (docs/evaluation.md#the-most-popular-items).</summary>
internal static class MostPopular
{
    public const string Name = "most-popular";

    /// <summary>The case.</summary>
    public static CaseSource Case { get; } = CaseSource.Untrained(Name, "Most popular", (data, _) =>
    {
        // An item's only value is that number, a user's is 1.
        var (users, items) = (new float[data.Users.Count], data.Popularity.Select(users => (float)users).ToArray());
        Array.Fill(users, 1);
        return Task.FromResult<RankItems>((who, k, threads, cancellation) =>
            AllRankProtocol.Rank(new Vectors(users, 1), new Vectors(items, 1), data[Splits.Train], who, k, threads, cancellation));
    });
}
