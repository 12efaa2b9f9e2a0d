using MathNet.Numerics;

namespace LmmRec.Evaluate.Statistics;

/// <summary>
/// Friedman's test with users as blocks: the cases are ranked for each user, and the mean ranks asked whether they could come of equal cases
/// (docs/evaluation.md#mean-ranks).
/// </summary>
/// <param name="MeanRanks">of each case over users: 1 is best; equal cases share the mean of their ranks</param>
/// <param name="Users">blocks</param>
/// <param name="ChiSquared">the statistic, corrected for ties; 0 where all cases are equal for every user</param>
public sealed record FriedmanTest(IReadOnlyList<double> MeanRanks, int Users, double ChiSquared)
{
    /// <summary>Probability of a statistic at least this large if the cases were equal, by the chi-squared distribution of k − 1 degrees of freedom.</summary>
    public double P => ChiSquared == 0 ? 1 : SpecialFunctions.GammaUpperRegularized((MeanRanks.Count - 1) / 2.0, ChiSquared / 2);

    /// <param name="values">[cases][users], higher is better; at least two cases, all with the same users</param>
    public static FriedmanTest Of(IReadOnlyList<double[]> values)
    {
        var (k, n) = (values.Count, values[0].Length);
        var (sums, squares) = (new double[k], 0.0);
        var (keys, order) = (new double[k], new int[k]);
        for (var user = 0; user < n; user++)
        {
            for (var c = 0; c < k; c++) (keys[c], order[c]) = (-values[c][user], c);
            Array.Sort(keys, order);
            for (var (first, end) = (0, 0); first < k; first = end)
            {
                while (end < k && keys[end] == keys[first]) end++;
                var rank = (first + 1 + end) / 2.0;
                for (var c = first; c < end; c++) sums[order[c]] += rank;
                squares += (end - first) * rank * rank;
            }
        }
        var between = sums.Sum(sum => (sum - n * (k + 1) / 2.0) * (sum - n * (k + 1) / 2.0));
        var within = squares - n * k * (k + 1.0) * (k + 1) / 4;
        return new FriedmanTest([.. sums.Select(sum => sum / n)], n, within == 0 ? 0 : (k - 1) * between / within);
    }
}
