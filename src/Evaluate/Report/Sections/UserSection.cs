using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The best combination against the next one and the most popular items, user by user.</summary>
internal static class UserSection
{
    public static Html Of(Evaluation evaluation)
    {
        var combinations = Combination.Of(evaluation);
        var metric = MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff);
        var best = combinations[0].PerUser(evaluation);
        List<Combination> others = [.. combinations.Skip(1).Where(c => !c.Case.IsBaseline).Take(1), .. combinations.Skip(1).Where(c => c.Case.IsBaseline)];
        List<UserDifferences> pairs = [.. others.Select(other => new UserDifferences(combinations[0].Title, other.Title, [.. best.Zip(other.PerUser(evaluation), (a, b) => a - b)]))];
        return pairs.TrueForAll(pair => pair.Differences.All(d => d == 0)) ? default : Frame.Figure($"Differences in {metric} by user", DifferencePlot.Of(metric, pairs), Html.Of($"""
            What {combinations[0].Title} adds to or takes from the {metric} of each user, from the most gained to the most lost{Html.If(others.Prepend(combinations[0]).Any(c => c.Seeds.Count > 1), $", as means over seeds")}.
            The area above the line less that below it is the difference of the means.
            """));
    }
}
