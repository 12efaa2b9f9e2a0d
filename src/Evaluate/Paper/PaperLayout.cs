using LmmRec.Ranking;

namespace LmmRec.Evaluate.Paper;

/// <summary>What a table's stars compare a row with.</summary>
internal enum Reference
{
    /// <summary>Nothing: the table has no stars.</summary>
    None,

    /// <summary>The first row of its family.</summary>
    First,

    /// <summary>The best row of its family, per column.</summary>
    Best,
}

/// <summary>The form of one of the paper's tables of metrics.</summary>
/// <param name="Number">1, 3, 4 or 5</param>
/// <param name="Title">what it shows</param>
/// <param name="Families">its rows, in families that are compared within</param>
/// <param name="Columns">metrics and cut-offs of a data set</param>
/// <param name="Reference">what its stars compare with</param>
/// <param name="IsAdjusted">whether the p-values of a family are adjusted by Holm–Bonferroni</param>
/// <param name="Sentence">what was compared, by which test, over which family, at which level</param>
internal sealed record PaperLayout(
    int Number, string Title, IReadOnlyList<IReadOnlyList<PaperRow>> Families, IReadOnlyList<(RankingMetric Metric, int Cutoff)> Columns, Reference Reference,
    bool IsAdjusted, string Sentence)
{
    private static readonly (RankingMetric, int)[] Ndcg = [(RankingMetric.Ndcg, 20)];

    private static readonly (RankingMetric, int)[] AllMetrics = [(RankingMetric.Recall, 10), (RankingMetric.Recall, 20), (RankingMetric.Ndcg, 10), (RankingMetric.Ndcg, 20)];

    // VBPR's rows on both modalities are not in the paper; they follow its own.
    private static readonly (string Model, string Modality)[] Variants =
        [.. PaperNames.Models.SelectMany(model => new[] { PaperNames.ModalityOf(model), PaperNames.Both }.Distinct().Select(modality => (model, modality)))];

    /// <summary>Tables 1, 3, 4 and 5; Table 2 is of the data.</summary>
    public static IReadOnlyList<PaperLayout> All { get; } =
    [
        new(1, "Both modalities against one, with vectors of encoders that were trained apart", Modalities(PaperNames.Baseline, PaperNames.Pretrained), Ndcg,
            Reference.None, false, "MMGCL and LATTICE with both modalities (V&T), the visual (V) and the textual one (T). As in the paper, nothing is tested here."),
        new(3, "Pre-trained large encoders against encoders that were trained apart (RQ1)",
            [.. Variants.Select(v => Rows(v, (PaperNames.Baseline, PaperNames.Pretrained), (PaperNames.Vlmo, PaperNames.Pretrained), (PaperNames.Clip, PaperNames.Pretrained)))],
            AllMetrics, Reference.First, false,
            "Each recommender with the vectors of pre-trained VLMo and CLIP is compared with itself with those of the baseline, by a two-sided paired t-test over users. As in the paper each comparison stands alone, without a correction: * p < 0.05, for a gain and for a loss."),
        new(4, "Pre-trained, fine-tuned and trained end to end (RQ2)",
            [.. Variants.SelectMany(v => new[] { PaperNames.Vlmo, PaperNames.Clip }.Select(encoder => Rows(v, (encoder, PaperNames.Pretrained), (encoder, PaperNames.FineTuned), (encoder, PaperNames.EndToEnd))))],
            AllMetrics, Reference.Best, true,
            "The paradigms of one recommender and one encoder are compared with the best of them, by two-sided paired t-tests over users. * p < 0.05 after Holm–Bonferroni over the two comparisons of a data set, recommender, encoder and metric; the paper does not say its family."),
        new(5, "Both modalities against one, with CLIP trained end to end (RQ3)", Modalities(PaperNames.Clip, PaperNames.EndToEnd), Ndcg,
            Reference.First, true,
            "One modality alone is compared with both, by two-sided paired t-tests over users. * p < 0.05 after Holm–Bonferroni over the two comparisons of a data set and recommender; the paper does not say whether it corrects."),
    ];

    private static IReadOnlyList<PaperRow> Rows((string Model, string Modality) variant, params (string Encoder, string Paradigm)[] encoders) =>
        [.. encoders.Select(e => new PaperRow(variant.Model, e.Encoder, e.Paradigm, variant.Modality))];

    private static IReadOnlyList<IReadOnlyList<PaperRow>> Modalities(string encoder, string paradigm) =>
        [.. new[] { "MMGCL", "LATTICE" }.Select(model => (PaperRow[])[.. new[] { PaperNames.Both, PaperNames.Visual, PaperNames.Textual }.Select(m => new PaperRow(model, encoder, paradigm, m))])];
}
