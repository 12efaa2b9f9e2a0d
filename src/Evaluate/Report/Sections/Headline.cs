using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>What a reader wants to know first: which combination is best, how good it is, and whether it beats the next and the most popular items.</summary>
internal sealed class Headline
{
    private readonly Evaluation _evaluation;
    private readonly IReadOnlyList<Combination> _combinations;
    private readonly IReadOnlyList<Advantage> _advantages;

    public Headline(Evaluation evaluation)
    {
        _evaluation = evaluation;
        _combinations = Combination.Of(evaluation);
        _advantages = Advantage.Of(evaluation, _combinations);
    }

    private Combination Best => _combinations[0];

    private Combination? Next => _combinations.Skip(1).FirstOrDefault(c => !c.Case.IsBaseline);

    private Combination Baseline => _combinations.Single(c => c.Case.IsBaseline);

    /// <summary>One sentence, such as <c>VBPR with clip-small finds 20.5 % of the hidden items</c>.</summary>
    public string Sentence => $"{Best.Title} finds {Numbers.Percent(Found(Best))} of the hidden items";

    /// <summary>What that means, and beside whom.</summary>
    public Html Below => Html.Of($"""
        Some items of each of {Best.Seeds[0].Test.Users.Count:N0} users were hidden from training. On average {Share(Best)} of a user's are among the first
        {_evaluation.MainCutoff} recommendations{Html.If(Best.Seeds.Count > 1, $", as a mean over {Best.Seeds.Count} seeds")}.
        {(Next is { } next ? Html.Of($"The next best{(next.Case.IsTrained ? $" model, {next.Title}" : $", the baseline {next.Title}")}, finds {Share(next)}{Verdict(next)}.") : default)}
        {Html.If(!Best.Case.IsTrained && Best != Baseline && _combinations.Any(c => c.Case.IsTrained), $"{Best.Title} is a baseline: no trained model does better.")}
        {(Best == Baseline
            ? Html.Of($"No trained model does better than recommending the most popular items to everybody.")
            : Html.Of($"Recommending the most popular items to everybody, which takes no model, finds {Share(Baseline)}{Verdict(Baseline)}."))}
        """);

    /// <summary>The row of the table at the top: what wins, by how much, how sure, at what cost.</summary>
    public Html Row(Costs costs) => Html.Of($"""
        <tr><th scope="row">{_evaluation.Dataset}<small>{MetricNames.Display(Evaluation.MainMetric.InTables(), _evaluation.MainCutoff)}</small></th>
        <td>{Best.Title}</td>
        <td class="number">{Found(Best):F4}{Html.If(Best.Seeds.Count > 1, $"<small>± {Best.Over(Evaluation.MainMetric, _evaluation.MainCutoff).Deviation:F4} over {Best.Seeds.Count} seeds</small>")}</td>
        {Ahead(Next)}{Ahead(Best == Baseline ? null : Baseline)}
        {costs.Cells(Best.Seeds)}</tr>
        """);

    private Html Ahead(Combination? other)
    {
        if (other is null) return Html.Of($"""<td class="number">–</td>""");
        var (found, beaten) = (Found(Best), Found(other));
        var relative = Html.If(beaten > 0, $" ({(found - beaten) / beaten:+0.0 %;−0.0 %;0.0 %})");
        return Of(other) is not { } advantage
            ? Html.Of($"""<td class="number">{found - beaten:+0.0000;−0.0000;0.0000}{relative}<small>{other.Title}</small></td>""")
            : Html.Of($"""
                <td class="number">{found - beaten:+0.0000;−0.0000;0.0000}{relative}<small>{other.Title}</small>
                <small>{advantage.Test.Difference - advantage.Test.HalfWidth:+0.0000;−0.0000;0.0000} to {advantage.Test.Difference + advantage.Test.HalfWidth:+0.0000;−0.0000;0.0000}, {Numbers.P(advantage.P)}</small></td>
                """);
    }

    private Advantage? Of(Combination other) => _advantages.FirstOrDefault(advantage => advantage.Other == other);

    private Html Share(Combination c) => Html.Of($"<strong>{Numbers.Percent(Found(c))}</strong>");

    private string Verdict(Combination other) => Of(other) is not { } advantage ? ""
        : advantage.IsSure ? $" ({Numbers.P(advantage.P)})"
        : advantage.IsEquivalent ? $", which is as good within {Numbers.Percent(_evaluation.Options.Margin)}"
        : $"; that difference may be chance ({Numbers.P(advantage.P)})";

    private double Found(Combination c) => c.Over(Evaluation.MainMetric, _evaluation.MainCutoff).Mean;
}
