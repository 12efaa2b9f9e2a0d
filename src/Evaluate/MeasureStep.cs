using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>Measures one case, whatever the others are: tables per-user, metrics and rankings.</summary>
internal static class MeasureStep
{
    /// <exception cref="InvalidInputException">The case does not fit the data, or cannot be ranked with.</exception>
    public static async Task RunAsync(EvaluateOptions options, string ingest, CaseSource source, StepContext context, CancellationToken cancellation)
    {
        EvaluateStage.Check(options, ingest);
        var data = await HeldOutData.ReadAsync(ingest, cancellation);
        var opened = await source.OpenAsync(data, cancellation);
        foreach (var warning in opened.Warnings) context.Progress.Note($"warning: {warning}");
        var description = opened.Case;
        var lists = Rank(Splits.Test);
        var groups = MetricGroup.Of(data).Select(group => (group.Name, Metrics: UserMetrics.Of(lists, group.HeldOut, Metrics, options.Cutoffs))).ToList();
        var rows = new List<MetricRow>();
        if (source.Validates && data[Splits.Validation].Count > 0)
            rows.AddRange(Means(Splits.Validation, MetricGroup.All, UserMetrics.Of(Rank(Splits.Validation), data[Splits.Validation], Metrics, options.Cutoffs)));
        foreach (var (name, metrics) in groups) rows.AddRange(Means(Splits.Test, name, metrics));
        rows.AddRange(BeyondAccuracy.Of(lists, data, options.Cutoffs, context.Threads, cancellation)
            .Select(value => Row(Splits.Test, MetricGroup.All, value.Metric, value.Cutoff, value.Users, value.Value)));

        await context.Output.WriteTableAsync(PerUser.Rows(source.Name, data, groups[0].Metrics, options.Cutoffs), cancellation);
        await context.Output.WriteTableAsync(rows, cancellation);
        await context.Output.WriteTableAsync(Rankings(source.Name, data, lists), cancellation);
        description.WriteTo(context.Output.Facts);
        foreach (var (name, fact) in opened.Facts) context.Output.Facts[name] = fact?.DeepClone();
        context.Output.Facts["users"] = groups[0].Metrics.Users.Count;

        RankedLists Rank(string split) => opened.Rank(data[split].UsersWithItems(), options.Cutoffs.Max(), context.Threads, cancellation);

        IEnumerable<MetricRow> Means(string split, string group, UserMetrics metrics) => metrics.Columns.Select(column =>
            Row(split, group, column.Metric.InTables(), column.Cutoff, metrics.Users.Count, metrics.Mean(column.Metric, column.Cutoff)));

        MetricRow Row(string split, string group, string metric, int cutoff, int users, double value) => new(
            description.Name, description.Recommender, description.Encoder, description.Paradigm, description.Modalities, description.Seed, split, group, metric, cutoff, users, value);
    }

    private static RankingMetric[] Metrics { get; } = Enum.GetValues<RankingMetric>();

    private static IEnumerable<RankingRow> Rankings(string name, HeldOutData data, RankedLists lists)
    {
        foreach (var (position, user) in lists.Users.Index())
            for (var r = 0; r < lists[position].Length; r++)
                yield return new RankingRow(name, user, data.Users.Ids[user], r + 1, lists[position][r], data.Items.Ids[lists[position][r]], lists.Scores(position)[r]);
    }
}
