using System.Globalization;
using LmmRec.Evaluate;

namespace LmmRec.Cli.Afterwards;

/// <summary>A few lines for people on what a run did.</summary>
internal static class Afterword
{
    /// <summary>The lines; none where nothing ran that is told of.</summary>
    public static IEnumerable<string> Of(Happened happened)
    {
        foreach (var pictures in happened.Pictures) yield return $"{pictures.Step}: pictures: {pictures.New} new or changed, {pictures.Unchanged} unchanged, {pictures.Failed} failed";
        foreach (var vectors in happened.Vectors) yield return $"{vectors.Step}: {vectors.Encoded} encoded, {vectors.Kept} kept";
        foreach (var alike in happened.Trained.GroupBy(trained => string.Join("; ", trained.Why)))
            yield return $"trained: {string.Join(", ", alike.Select(trained => trained.Step))} ({alike.Key})";
        if (happened.Trained.Count > 0 && happened.Kept.Count > 0) yield return $"kept as they were: {string.Join(", ", happened.Kept)}";
        foreach (var dataSet in happened.Drift)
        {
            yield return $"{dataSet.DataSet}: {dataSet.Cases[0].Metric} of the users that run {dataSet.Since} had too: then, now, difference and its 95 % interval, p by the paired t-test";
            foreach (var drift in dataSet.Cases) yield return $"  {Line(drift)}";
            yield return dataSet.Cases.Any(drift => drift.IsWorse)
                ? $"{dataSet.DataSet}: worse than in that run, by more than chance (p after Holm's correction over the cases): {string.Join(", ", dataSet.Cases.Where(drift => drift.IsWorse).Select(drift => $"{drift.Case} ({P(drift.Holm)})"))}"
                : $"{dataSet.DataSet}: no case is worse than in that run by more than chance";
        }
    }

    private static string Line(Drift drift) => string.Create(CultureInfo.InvariantCulture,
        $"{drift.Case}: {drift.Before:0.0000}, {drift.After:0.0000}, {Signed(drift.Difference)} [{Signed(drift.Difference - drift.HalfWidth)}, {Signed(drift.Difference + drift.HalfWidth)}], {P(drift.P)}, {drift.Users} users");

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    private static string P(double p) => p < 1e-4 ? "p < 0.0001" : string.Create(CultureInfo.InvariantCulture, $"p = {p:0.0000}");
}
