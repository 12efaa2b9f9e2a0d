using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>A case and its metrics per user.</summary>
/// <param name="Case">the case</param>
/// <param name="Test">of the test split</param>
/// <param name="Validation">of the validation split</param>
/// <param name="Cold">of the test split where only items count that nobody met in training; often of no user</param>
internal sealed record MeasuredCase(CaseDescription Case, UserMetrics Test, UserMetrics Validation, UserMetrics Cold)
{
    private static readonly RankingMetric[] Metrics = Enum.GetValues<RankingMetric>();

    /// <summary>The metrics and cut-offs by which cases are compared.</summary>
    public IReadOnlyList<(RankingMetric Metric, int Cutoff)> Compared => [.. Test.Columns.Where(column => column.Metric.IsCompared())];

    /// <summary>Measures a trained model by the all-rank protocol.</summary>
    /// <exception cref="InvalidInputException">A vector cannot be ranked with; the user or item is named.</exception>
    public static MeasuredCase Of(
        CaseDescription description, TrainedModel model, HeldOutData data, IReadOnlyList<int> cutoffs, int threads, CancellationToken cancellation)
    {
        try
        {
            return new MeasuredCase(description, On(data[Splits.Test]), On(data[Splits.Validation]), On(data.ColdOf(Splits.Test)));
        }
        catch (InvalidVectorException e)
        {
            var (ids, index) = e.Owner == VectorOwner.User ? (data.Users, e.Index) : (data.Items, model.ItemAt(e.Index));
            throw new InvalidInputException(
                $"case '{description.Name}': the vector of {ids.Kind} '{ids.Ids[index]}' {e.Fault}; scores need finite numbers: the training "
                + "diverged, lower its learning rate and run train again", e);
        }

        UserMetrics On(ItemSets heldOut) =>
            AllRankProtocol.Measure(model.Users, model.Items, Ranked(data[Splits.Train]), Ranked(heldOut), Metrics, cutoffs, threads, cancellation);

        ItemSets Ranked(ItemSets items) => description.ItemsDropped == 0 ? items : items.Renumbered(model.HasItem);
    }
}
