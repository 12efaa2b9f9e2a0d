using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report;

/// <summary>Cases that differ in nothing but the seed of their training, taken as one: a reader chooses a combination and not a lucky seed.</summary>
/// <param name="Title">what people call it</param>
/// <param name="Seeds">its cases, best first</param>
internal sealed record Combination(string Title, IReadOnlyList<MeasuredCase> Seeds)
{
    public CaseDescription Case => Seeds[0].Case;

    /// <summary>The combinations of a data set that a reader may choose, best first by the mean of the main metric: controls only judge others.</summary>
    public static IReadOnlyList<Combination> Of(Evaluation evaluation) =>
    [
        .. evaluation.Cases.Where(c => c.Case.Control is null).GroupBy(c => c.Case.IsTrained ? (c.Case.Recommender, c.Case.Encoder, c.Case.Paradigm, c.Case.Modalities) : (c.Case.Name, null, null, null))
            .Select(seeds => new Combination(TitleOf(seeds.First().Case), [.. seeds])).OrderByDescending(c => c.PerUser(evaluation).Average()),
    ];

    /// <summary>The main metric of each user: the mean over the seeds.</summary>
    public double[] PerUser(Evaluation evaluation)
    {
        var sum = new double[Seeds[0].Test.Users.Count];
        foreach (var values in Seeds.Select(seed => seed.Test[Evaluation.MainMetric, evaluation.MainCutoff]))
            for (var user = 0; user < sum.Length; user++) sum[user] += values[user];
        return Seeds.Count == 1 ? sum : Array.ConvertAll(sum, value => value / Seeds.Count);
    }

    /// <summary>Mean over seeds of a metric's mean over users, and its standard deviation by n − 1; 0 for one seed.</summary>
    public (double Mean, double Deviation) Over(RankingMetric metric, int cutoff)
    {
        var means = Seeds.Select(seed => seed.Test.Mean(metric, cutoff)).ToList();
        var mean = means.Average();
        return (mean, means.Count == 1 ? 0 : Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / (means.Count - 1)));
    }

    private static string TitleOf(CaseDescription c) => c.Seed is null ? c.Title : c.Title.Replace(FormattableString.Invariant($", seed {c.Seed}"), "", StringComparison.Ordinal);
}
