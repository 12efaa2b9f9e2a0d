using System.Globalization;
using LmmRec.Ranking;
using LmmRec.Train.Data;

namespace LmmRec.Train.Harness;

/// <summary>
/// The metric on the validation split that chooses epoch and setting: Recall@20, as in MMRec. Where a user ranks no more than 20 candidates, Recall@20
/// is 1 for that user whatever the order, so NDCG@20 chooses in its place.
/// </summary>
internal static class DecidingMetric
{
    public const int Cutoff = 20;

    /// <summary>The metric for <paramref name="data"/>.</summary>
    public static RankingMetric For(Dataset data) =>
        data.ValidationItems.UsersWithItems().Any(user => data.Items - data.TrainItems[user].Length <= Cutoff) ? RankingMetric.Ndcg : RankingMetric.Recall;

    /// <summary>As in the history: <c>recall@20</c>.</summary>
    public static string Name(RankingMetric metric, int cutoff) => string.Create(CultureInfo.InvariantCulture, $"{metric}@{cutoff}").ToLowerInvariant();
}
