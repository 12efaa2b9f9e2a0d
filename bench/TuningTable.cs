using System.Globalization;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Bench;

/// <summary>
/// What a recommender finds by each encoder and paradigm: Recall@20 on the test split as the mean over the seeds, and its difference to pre-trained vectors by a paired
/// t-test over users, whose values are averaged over the seeds first, so that there is one test and not one per seed.
/// </summary>
internal static class TuningTable
{
    private const int Cutoff = 20;

    // Users' values of the cases that differ in the seed alone.
    private sealed record Variant(string Recommender, string Encoder, string Paradigm, IReadOnlyList<double[]> Seeds)
    {
        public double[] Users { get; } = [.. Enumerable.Range(0, Seeds[0].Length).Select(user => Seeds.Average(seed => seed[user]))];

        public string Mean => string.Create(CultureInfo.InvariantCulture, $"{Users.Average():0.000} ({string.Join(", ", Seeds.Select(seed => seed.Average().ToString("0.000", CultureInfo.InvariantCulture)))})");
    }

    /// <summary>A Markdown row per recommender, encoder and paradigm.</summary>
    /// <param name="evaluation">the folder <c>evaluation</c> of a data set's artifacts</param>
    /// <param name="encoder">the encoder whose paradigm <c>pt</c> the others are compared with</param>
    public static async Task<IReadOnlyList<string>> OfAsync(string evaluation, string encoder)
    {
        var variants = await VariantsAsync(evaluation);
        return
        [
            "| recommender | encoder | paradigm | test Recall@20 (each seed) | difference to pt, 95 % interval | p | p of each seed |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            .. variants.OrderBy(v => v.Recommender, StringComparer.Ordinal).ThenBy(v => v.Encoder, StringComparer.Ordinal).ThenByDescending(v => v.Paradigm, StringComparer.Ordinal)
                .Select(v => Row(v, variants.Single(other => other.Recommender == v.Recommender && other.Encoder == encoder && other.Paradigm == "pt"))),
        ];
    }

    private static string Row(Variant variant, Variant pretrained)
    {
        var test = PairedTTest.Of(variant.Users, pretrained.Users);
        var each = variant.Seeds.Zip(pretrained.Seeds).Select(seed => PairedTTest.Of(seed.First, seed.Second).P.ToString("0.000", CultureInfo.InvariantCulture));
        var difference = string.Create(CultureInfo.InvariantCulture, $"{test.Difference:+0.000;-0.000} [{test.Difference - test.HalfWidth:+0.000;-0.000}, {test.Difference + test.HalfWidth:+0.000;-0.000}] | {test.P:0.0000} | {string.Join(", ", each)}");
        return $"| {variant.Recommender} | {variant.Encoder} | {variant.Paradigm} | {variant.Mean} | {(variant == pretrained ? "– | – | –" : difference)} |";
    }

    private static async Task<IReadOnlyList<Variant>> VariantsAsync(string evaluation)
    {
        var cases = new List<(MetricRow Case, double[] Users)>();
        foreach (var folder in Directory.EnumerateDirectories(evaluation).Where(folder => File.Exists(TableFile.PathOf<MetricRow>(folder))).Order(StringComparer.Ordinal))
        {
            var of = (await RowsAsync<MetricRow>(folder))[0];
            if (of.Encoder is null || of.Seed is null) continue; // a baseline
            cases.Add((of, [.. (await RowsAsync<PerUserRow>(folder)).Where(row => row.Cutoff == Cutoff).OrderBy(row => row.User).Select(row => row.Recall)]));
        }
        return [.. cases.GroupBy(c => (c.Case.Recommender, c.Case.Encoder, c.Case.Paradigm)).Select(group =>
            new Variant(group.Key.Recommender, group.Key.Encoder!, group.Key.Paradigm!, [.. group.OrderBy(c => c.Case.Seed).Select(c => c.Users)]))];
    }

    private static async Task<List<TRow>> RowsAsync<TRow>(string folder)
    {
        var rows = new List<TRow>();
        await foreach (var row in TableFile.StreamFolderAsync<TRow>(folder)) rows.Add(row);
        return rows;
    }
}
