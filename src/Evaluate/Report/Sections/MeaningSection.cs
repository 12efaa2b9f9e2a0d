using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>What the numbers of the first table mean, for somebody who never saw such a table.</summary>
internal static class MeaningSection
{
    public static Html Of(Evaluation evaluation)
    {
        var (cutoff, example) = (evaluation.MainCutoff, evaluation.Cases[0].Test.Mean(RankingMetric.Recall, evaluation.MainCutoff));
        return Html.Of($"""
            <dl class="meanings">
            <div><dt>Recall@{cutoff}</dt><dd>The share of a user's hidden items that are among the first {cutoff} recommendations, as a mean over users.
            {example:F4} means {Numbers.Percent(example)}. All items of the shop compete except those that the user already has.</dd></div>
            <div><dt>NDCG@{cutoff}</dt><dd>The same, but a hidden item counts for more the higher it stands: 1 where a user's hidden items come first.</dd></div>
            {Html.If(evaluation.Tests.Count > 0, $"""
                <div><dt>p</dt><dd>How likely a difference of this size or more would be by chance, if the case were as good as the best of its column. Below
                {PairwiseTests.Level} it is called significant and marked <span class="mark">*</span>.</dd></div>
                """)}
            </dl>
            """);
    }
}
