using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>How the numbers were made, and with what.</summary>
internal static class MethodSection
{
    public static Html Of(Evaluation evaluation) => Html.Of($"""
        <p>For every user with test interactions a model scores <em>all</em> items by the dot product of user and item vector; only the user's training items are masked, ties rank by item index, and
        users without test interactions are skipped. Recall@K is the share of a user's test items among the first K, NDCG@K the discounted gain by that of the best possible ranking; the tables show
        their means over {evaluation.Cases[0].Test.Users.Count:N0} users, which are kept unrounded in <code>metrics.parquet</code> and per user in <code>per-user.parquet</code>. Differences are tested by
        two-sided paired t-tests over these users; p-values are adjusted by Holm–Bonferroni over all pairs of cases of the same metric and cut-off, and below {Numbers.Significance} count as significant.</p>
        <p>Models were chosen on the validation split alone. {Seeds(evaluation.Cases)}</p>
        <table class="runtime">
        <thead><tr><th scope="col">Trained with</th>{Keys(evaluation.Cases).Select(key => Html.Of($"""<th scope="col">{key}</th>"""))}</tr></thead>
        <tbody>{evaluation.Cases.GroupBy(c => string.Join('\n', Keys(evaluation.Cases).Select(key => c.Case.Runtime.GetValueOrDefault(key)))).Select(same => Html.Of($"""
            <tr><th scope="row">{(same.Count() == evaluation.Cases.Count ? "all cases" : string.Join(", ", same.Select(c => c.Case.Name)))}</th>{Keys(evaluation.Cases).Select(key => Html.Of($"<td>{same.First().Case.Runtime.GetValueOrDefault(key, "")}</td>"))}</tr>
            """))}</tbody>
        </table>
        """);

    private static List<string> Keys(IReadOnlyList<MeasuredCase> cases) => [.. cases.SelectMany(c => c.Case.Runtime.Keys).Distinct().Order(StringComparer.Ordinal)];

    private static string Seeds(IReadOnlyList<MeasuredCase> cases)
    {
        var seeds = cases.Select(c => c.Case.Seed).Distinct().Order().ToList();
        return seeds.Count == 1 ? $"All were trained with seed {seeds[0]}." : $"They were trained with the seeds {string.Join(", ", seeds)}.";
    }
}
