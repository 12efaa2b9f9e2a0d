namespace LmmRec.Ranking.Tests;

/// <summary>The protocol as the specification words it, one user at a time: score all, leave the masked out, sort.</summary>
internal static class NaiveRanking
{
    public static int[] Of(Vectors users, Vectors items, ItemSets masked, int user, int k)
    {
        var scores = new float[items.Count];
        for (var item = 0; item < scores.Length; item++)
            for (var d = 0; d < users.Dimension; d++) scores[item] = MathF.FusedMultiplyAdd(users[user][d], items[item][d], scores[item]);
        var seen = masked[user].ToArray();
        return [.. Enumerable.Range(0, scores.Length).Except(seen).OrderByDescending(item => scores[item]).ThenBy(item => item).Take(k)];
    }
}
