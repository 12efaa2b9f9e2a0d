using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report;

/// <summary>Whether a recommender uses its features, by the test between a case and the same case on a control of them (docs/evaluation.md#controls).</summary>
/// <param name="Case">on the features themselves</param>
/// <param name="Control">on what stands in for them</param>
/// <param name="Test">between the two, by the main metric at the main cut-off</param>
internal sealed record ControlFinding(MeasuredCase Case, MeasuredCase Control, TestRow Test)
{
    /// <summary>One for each control whose case is there; none without tests.</summary>
    public static IReadOnlyList<ControlFinding> Of(Evaluation evaluation) =>
    [
        .. from control in evaluation.Cases
           from of in evaluation.Cases.Where(c => c.Case.Name == control.Case.ControlOf)
           let test = evaluation.TestOf(of, control, evaluation.Main)
           where test is not null
           select new ControlFinding(of, control, test),
    ];

    /// <summary>The mean of the case on the features themselves.</summary>
    public double Mean => MeanOf(Case);

    /// <summary>The mean of the case on what stands in for them.</summary>
    public double MeanOfControl => MeanOf(Control);

    /// <summary>In words: <c>VBPR with clip does as well on shuffled features (Recall@20 20.5 % against 20.4 %): it does not use them.</c></summary>
    public string Sentence
    {
        get
        {
            var features = Control.Case.Control is "noise" ? "noise" : $"{Control.Case.Control} features";
            var values = $"({MetricNames.Display(Test.Metric, Test.Cutoff)} {Numbers.Percent(Mean)} against {Numbers.Percent(MeanOfControl)})";
            return (Enum.Parse<Verdict>(Test.Verdict, ignoreCase: true), Mean > MeanOfControl) switch
            {
                (Verdict.Equivalent, _) or (Verdict.Slight, false) => $"{Case.Case.Title} does as well on {features} {values}: it does not use its own.",
                (Verdict.Slight, _) => $"{Case.Case.Title} does nearly as well on {features} {values}: it hardly uses its own.",
                (Verdict.Different, true) => $"{Case.Case.Title} does worse on {features} {values}: it uses its own.",
                (Verdict.Different, _) => $"{Case.Case.Title} does better on {features} {values}: its own mislead it.",
                _ => $"Whether {Case.Case.Title} uses its features is not shown by {features} {values}: there are too few users, or they vary too much.",
            };
        }
    }

    private double MeanOf(MeasuredCase measured) => measured.Case.Name == Test.CaseA ? Test.MeanA : Test.MeanB;
}
