using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>How the numbers were made, and with what.</summary>
internal static class MethodSection
{
    public static Html Of(Evaluation evaluation)
    {
        var trained = evaluation.Cases.Where(c => c.Case.IsTrained).ToList();
        return Html.Of($"""
            <p>For every user with test interactions a model scores <em>all</em> items by the dot product of user and item vector; only the
            user's training items are masked, ties rank by item index, and users without test interactions are skipped. Recall@K is the share
            of a user's test items among the first K, NDCG@K the discounted gain by that of the best possible ranking; the tables show their
            means over {evaluation.Cases[0].Test.Users.Count:N0} users, unrounded in <code>metrics.parquet</code> and per user in
            <code>per-user.parquet</code>.
            {Dropped(trained)}
            {Html.If(evaluation.Tests.Count > 0, $"""
                Differences are tested by two-sided paired t-tests over these users; p-values are adjusted by Holm–Bonferroni over all pairs of
                cases of the same metric and cut-off, and count as significant below {PairwiseTests.Level}.
                """)}</p>
            <p>{Html.If(trained.Count > 0, $"""
                Epochs and settings were chosen on the validation split alone{ChosenBy(trained)}. {Seeds(trained)}
                """)} <em>Most popular</em> ranks for every user
            the items that most users have in the training split.</p>
            {Html.If(trained.Count > 0, $"{Frame.Of("What cases were trained with", Runtime(trained))}")}
            """);
    }

    private static Html Dropped(List<MeasuredCase> cases)
    {
        var most = cases.Select(c => c.Case.ItemsDropped).DefaultIfEmpty(0).Max();
        return Html.If(most > 0, $"""
            Some cases went without items that have no vector in a modality they use, {most:N0} at most: they are never recommended, and where they
            are held out they count as misses.
            """);
    }

    private static string ChosenBy(List<MeasuredCase> trained)
    {
        var metrics = trained.Select(c => c.Case.ChosenBy).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        return metrics.Count == 0 ? "" : $", by {string.Join(" or ", metrics)}";
    }

    private static string Seeds(List<MeasuredCase> cases)
    {
        var seeds = cases.Select(c => c.Case.Seed).Distinct().Order().ToList();
        return seeds.Count == 1 ? $"All were trained with seed {seeds[0]}." : $"They were trained with the seeds {string.Join(", ", seeds)}.";
    }

    // Cases trained alike share a row.
    private static Html Runtime(List<MeasuredCase> cases)
    {
        var keys = cases.SelectMany(c => c.Case.Runtime.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var rows = cases.GroupBy(c => string.Join('\n', keys.Select(key => c.Case.Runtime.GetValueOrDefault(key))));
        return Html.Of($"""
            <table class="runtime">
            {Head.Of(["Trained with", .. keys], [])}
            <tbody>
            {rows.Select(row => Html.Of($"""
                <tr><th scope="row">{(row.Count() == cases.Count ? "all trained cases" : string.Join(", ", row.Select(c => c.Case.Title)))}</th>
                {keys.Select(key => Html.Of($"<td>{row.First().Case.Runtime.GetValueOrDefault(key)}</td>"))}</tr>
                """))}
            </tbody>
            </table>
            """);
    }
}
