using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report;

/// <summary>What a reader wants to know first: which case is best, how good it is, and whether it beats the next and the most popular items.</summary>
internal static class Headline
{
    /// <summary>One sentence, such as <c>VBPR with clip-small finds 20.5 % of the hidden items</c>.</summary>
    public static string Of(Evaluation evaluation) =>
        $"{evaluation.Cases[0].Case.Title} finds {Numbers.Percent(Found(evaluation, evaluation.Cases[0]))} of the hidden items";

    /// <summary>What that means, and beside whom.</summary>
    public static Html Below(Evaluation evaluation)
    {
        var best = evaluation.Cases[0];
        var baseline = evaluation.Cases.Single(c => c.Case.IsBaseline);
        var next = evaluation.Cases.Skip(1).Where(c => !c.Case.IsBaseline).Take(1);
        return Html.Of($"""
            Some items of each of {best.Test.Users.Count:N0} users were hidden from training. On average {Share(best)} of a user's are among the first
            {evaluation.MainCutoff} recommendations. {next.Select(c => Html.Of($"The next best model, {c.Case.Title}, finds {Share(c)}{Verdict(c)}."))}
            {(best == baseline
                ? Html.Of($"No trained model does better than recommending the most popular items to everybody.")
                : Html.Of($"Recommending the most popular items to everybody, which takes no model, finds {Share(baseline)}{Verdict(baseline)}."))}
            """);

        Html Share(MeasuredCase c) => Html.Of($"<strong>{Numbers.Percent(Found(evaluation, c))}</strong>");

        string Verdict(MeasuredCase other) =>
            evaluation.Tests.FirstOrDefault(t => t.Metric == Evaluation.MainMetric.InTables() && t.Cutoff == evaluation.MainCutoff && t.IsBetween(best.Case.Name, other.Case.Name)) is not { } test ? ""
            : test.PHolm < PairwiseTests.Level ? $" ({Numbers.P(test.PHolm)})"
            : test.Verdict == "equivalent" ? $", which is as good within {Numbers.Percent(evaluation.Options.Margin)}"
            : $"; that difference may be chance ({Numbers.P(test.PHolm)})";
    }

    private static double Found(Evaluation evaluation, MeasuredCase c) => c.Test.Mean(Evaluation.MainMetric, evaluation.MainCutoff);
}
