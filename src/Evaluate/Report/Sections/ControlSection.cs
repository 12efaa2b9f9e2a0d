using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>Whether recommenders use what the features say of the items: each beside itself on features that say nothing. Nothing where there are no such controls.</summary>
internal static class ControlSection
{
    public static Html Of(Evaluation evaluation)
    {
        var pairs = (from control in evaluation.Cases
                     where control.Case.Control is not null
                     from real in evaluation.Cases
                     where real.Case.Control is null && IsSame(real.Case, control.Case)
                     select (Real: real, Control: control)).ToList();
        var column = MetricNames.Display(Evaluation.MainMetric.InTables(), evaluation.MainCutoff);
        return Html.If(pairs.Count > 0, $"""
            {Frame.Of("Cases beside their controls", Html.Of($"""
                <table>
                {Head.Of(["Case", "Control"], [column, "Control's"])}
                <tbody>{pairs.Select(pair => Row(evaluation, pair.Real, pair.Control))}</tbody>
                </table>
                """))}
            <p class="note">A control is trained as its case, on features without content: shuffled among the items, noise of the same moments, or a constant. A recommender that does
            as well on them does not use the content of its features.</p>
            """);
    }

    private static bool IsSame(CaseDescription real, CaseDescription control) =>
        (real.Recommender, real.Modalities, real.Seed, real.Paradigm) == (control.Recommender, control.Modalities, control.Seed, control.Paradigm) && $"{real.Encoder}-{control.Control}" == control.Encoder;

    private static Html Row(Evaluation evaluation, MeasuredCase real, MeasuredCase control)
    {
        var (with, without) = (real.Test.Mean(Evaluation.MainMetric, evaluation.MainCutoff), control.Test.Mean(Evaluation.MainMetric, evaluation.MainCutoff));
        return Html.Of($"""
            <tr><th scope="row">{real.Case.Title}<small>{Sentence(evaluation.TestOf(real, control), with > without, evaluation.Options.Margin)}</small></th><td>{control.Case.Control}</td>
            <td class="number">{with:F4}</td><td class="number">{without:F4}</td></tr>
            """);
    }

    private static string Sentence(TestRow? test, bool better, double margin) => test switch
    {
        null => better ? "does better than its control; nothing was tested" : "does no better than its control; nothing was tested",
        { Verdict: "equivalent" or "slight" } => $"does as well on its control within {Numbers.Percent(margin)}: it does not use what the features say",
        { PHolm: < PairwiseTests.Level } when better => $"does better than on its control ({Numbers.P(test.PHolm)}): it uses what the features say",
        { PHolm: < PairwiseTests.Level } => $"does worse than on its control ({Numbers.P(test.PHolm)}): what the features say misleads it",
        _ => $"is not shown to differ from its control ({Numbers.P(test.PHolm)}): whether it uses the features is open",
    };
}
