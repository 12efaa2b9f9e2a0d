namespace LmmRec.Artifacts.Tables;

[Table("evaluation/<case>", "per-user", "One row per cut-off and user with test interactions", RowsPerGroup = 1 << 16)]
public sealed record PerUserRow(
    [Column("name of the case: of a trained model, of a baseline such as most-popular, or of a file of rankings")] string Case,
    [Column("K, number of ranked items that count")] int Cutoff,
    [Column("dense user index")] int User,
    [Column("the shop's own id of the user")] string UserId,
    [Column("recall of this user, not rounded; as the other metrics")] double Recall,
    [Column("normalised discounted cumulative gain")] double Ndcg,
    [Column("precision")] double Precision,
    [Column("average precision")] double Map,
    [Column("reciprocal rank of the first hit")] double Mrr,
    [Column("1 where there is a hit, else 0")] double Hit);

[Table("evaluation/<case>", "metrics", "One row per split, group, metric and cut-off: the mean over users")]
public sealed record MetricRow(
    [Column("name of the case")] string Case,
    [Column("recommender, such as vbpr; the case's own name where nothing is trained")] string Recommender,
    [Column("encoder of the features; absent where the recommender uses none")] string? Encoder,
    [Column("paradigm of the encoder: pt; ft where it was fine-tuned; ete where it was trained with the recommender")] string? Paradigm,
    [Column("v, t or vt")] string? Modalities,
    [Column("seed of the training; absent where nothing is trained")] int? Seed,
    [Column("validation or test")] string Split,
    [Column("held-out items and users that count: all; of the test split also cold-items, cold-users, activity-<n>-<m> (users with n to m training items) and popularity-<n>-<m> (items that n to m users have in training), where there are some")] string Group,
    [Column("recall, ndcg, precision, map, mrr or hit; of all in the test split also coverage, gini, novelty, popularity and intra_list (docs/evaluation.md#beyond-accuracy)")] string Metric,
    [Column("K, number of ranked items that count")] int Cutoff,
    [Column("users that the mean goes over: those with such items in the split")] int Users,
    [Column("mean over those users, not rounded; coverage and gini are of all lists together")] double Value);

[Table("evaluation/<case>", "rankings", "One row per user with test interactions and rank: the first items of the list, as many as the largest cut-off", RowsPerGroup = 1 << 16)]
public sealed record RankingRow(
    [Column("name of the case")] string Case,
    [Column("dense user index")] int User,
    [Column("the shop's own id of the user")] string UserId,
    [Column("rank, from 1")] int Rank,
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("the item's score for the user; comparable within a user's list")] double Score);

[Table("comparison", "tests", "One row per pair of cases, metric and cut-off: paired tests over users of the test split")]
public sealed record TestRow(
    [Column("first case")] string CaseA,
    [Column("second case")] string CaseB,
    [Column("recall or ndcg")] string Metric,
    [Column("K, number of ranked items that count")] int Cutoff,
    [Column("users that both cases were measured on")] int Users,
    [Column("mean of the first case")] double MeanA,
    [Column("mean of the second case")] double MeanB,
    [Column("mean_a - mean_b")] double Difference,
    [Column("lower end of the difference's 95 % interval by Student's t")] double Low,
    [Column("its upper end")] double High,
    [Column("lower end of the 95 % bootstrap interval; absent but for pairs with the best case or most-popular")] double? BootstrapLow,
    [Column("its upper end")] double? BootstrapHigh,
    [Column("difference by the standard deviation of the users' differences")] double EffectSize,
    [Column("users for whom the first case is better")] int Wins,
    [Column("users for whom both are equal")] int Ties,
    [Column("users for whom the second case is better")] int Losses,
    [Column("t statistic; 0 when every difference is 0, infinite when all differences are equal and not 0")] double T,
    [Column("users - 1")] int DegreesOfFreedom,
    [Column("two-sided p-value of the paired t-test alone")] double P,
    [Column("p adjusted by Holm-Bonferroni over all pairs of the same metric and cut-off")] double PHolm,
    [Column("p adjusted by Benjamini-Hochberg over the same pairs")] double PBh,
    [Column("two-sided p-value of Wilcoxon's signed-rank test; absent but for pairs with the best case or most-popular")] double? PWilcoxon,
    [Column("two-sided p-value of the randomisation test; absent likewise")] double? PRandomization,
    [Column("largest difference that does not matter, evaluate.margin of the best mean")] double Margin,
    [Column("p-value of the equivalence test: a small one says that the means lie within the margin")] double PEquivalence,
    [Column("p_equivalence adjusted by Holm-Bonferroni over the same pairs")] double PEquivalenceHolm,
    [Column("different (p_holm below 0.05), equivalent (p_equivalence_holm below 0.05), slight (both) or undecided")] string Verdict);
