using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>A case and its metrics per user of the test and of the validation split.</summary>
internal sealed record MeasuredCase(CaseDescription Case, UserMetrics Test, UserMetrics Validation)
{
    private static readonly RankingMetric[] Metrics = [RankingMetric.Recall, RankingMetric.Ndcg];

    /// <summary>Measures a trained model by the all-rank protocol.</summary>
    /// <exception cref="InvalidInputException">A vector cannot be ranked with; the user or item is named.</exception>
    public static MeasuredCase Of(
        CaseDescription description, TrainedModel model, HeldOutData data, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        try
        {
            return new MeasuredCase(description, On(Splits.Test), On(Splits.Validation));
        }
        catch (InvalidVectorException e)
        {
            var (ids, index) = e.Owner == VectorOwner.User ? (data.Users, e.Index) : (data.Items, model.ItemAt(e.Index));
            throw new InvalidInputException(
                $"case '{description.Name}': the vector of {ids.Kind} '{ids.Ids[index]}' {e.Fault}; scores need finite numbers: the training "
                + "diverged, lower its learning rate and run train again", e);
        }

        UserMetrics On(string split) =>
            AllRankProtocol.Measure(model.Users, model.Items, ItemsOf(Splits.Train), ItemsOf(split), Metrics, cutoffs, threads, cancellation);

        ItemSets ItemsOf(string split) => description.ItemsDropped == 0 ? data[split] : data[split].Renumbered(model.HasItem);
    }
}
