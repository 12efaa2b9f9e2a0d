using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>All that was measured of one data set, as its artifacts say.</summary>
/// <param name="Data">users, items and splits</param>
/// <param name="Cases">the measured cases, best first by the main metric; all have the same users, metrics and cut-offs</param>
/// <param name="Tests">tests between any two cases, the better one first; empty where no comparison was asked for or there are too few users</param>
/// <param name="Options">cut-offs and comparison</param>
/// <param name="Folders">where all this was read from</param>
internal sealed record Evaluation(
    HeldOutData Data, IReadOnlyList<MeasuredCase> Cases, IReadOnlyList<TestRow> Tests, EvaluateOptions Options, EvaluatedDataSet Folders)
{
    private readonly Dictionary<(string Metric, int Cutoff, string A, string B), TestRow> _tests = Tests.ToDictionary(test => (test.Metric, test.Cutoff, test.CaseA, test.CaseB));

    /// <summary>Name of the data set.</summary>
    public string Dataset => Folders.Name;

    /// <summary>How large its encoders are, by the name of the features' folder; only of features that are there.</summary>
    public IReadOnlyDictionary<string, EncoderSize> Encoders { get; init; } = new Dictionary<string, EncoderSize>();

    /// <summary>What cases are ordered by, at the main cut-off: the field compares models by it.</summary>
    public const RankingMetric MainMetric = RankingMetric.Recall;

    /// <summary>Where the manifest of a comparison names its cases, best first.</summary>
    public const string OrderFact = "cases";

    /// <summary>The main metric at the main cut-off.</summary>
    public (RankingMetric Metric, int Cutoff) Main => (MainMetric, MainCutoff);

    /// <summary>The largest cut-off at which Recall tells cases apart; where there is none, the largest.</summary>
    public int MainCutoff { get; } = MainCutoffOf(Cases);

    /// <summary>Best first by the main metric, then by NDCG, then by name.</summary>
    public static List<MeasuredCase> BestFirst(IReadOnlyList<MeasuredCase> cases)
    {
        var cutoff = MainCutoffOf(cases);
        return [.. cases.OrderByDescending(c => c.Test.Mean(MainMetric, cutoff)).ThenByDescending(c => c.Test.Mean(RankingMetric.Ndcg, cutoff)).ThenBy(c => c.Case.Name, StringComparer.Ordinal)];
    }

    /// <summary>Whether every case finds everything within a cut-off, as where nobody has more candidates than that: Recall then tells nothing apart.</summary>
    public static bool TellsNothing(IReadOnlyList<MeasuredCase> cases, int cutoff) => cases.All(c => Array.TrueForAll(c.Test[RankingMetric.Recall, cutoff], value => value == 1));

    /// <summary>The tests of a metric and cut-off.</summary>
    public IEnumerable<TestRow> TestsBy((RankingMetric Metric, int Cutoff) column)
    {
        var metric = column.Metric.InTables();
        return Tests.Where(test => test.Metric == metric && test.Cutoff == column.Cutoff);
    }

    /// <summary>The test of two cases, in either order, by a metric and cut-off; null where there is none.</summary>
    public TestRow? TestOf(MeasuredCase a, MeasuredCase b, (RankingMetric Metric, int Cutoff) column)
    {
        var metric = column.Metric.InTables();
        return _tests.GetValueOrDefault((metric, column.Cutoff, a.Case.Name, b.Case.Name)) ?? _tests.GetValueOrDefault((metric, column.Cutoff, b.Case.Name, a.Case.Name));
    }

    private static int MainCutoffOf(IReadOnlyList<MeasuredCase> cases)
    {
        var cutoffs = cases[0].Test.Columns.Select(column => column.Cutoff).Distinct().OrderDescending().ToList();
        return cutoffs.FirstOrDefault(cutoff => !TellsNothing(cases, cutoff), cutoffs[0]);
    }

    /// <summary>Reads the cases that were compared, and their tests.</summary>
    /// <exception cref="InvalidInputException">An artifact is missing or broken.</exception>
    public static async Task<Evaluation> ReadAsync(EvaluateOptions options, EvaluatedDataSet dataSet, CancellationToken cancellation)
    {
        var cases = new List<MeasuredCase>();
        foreach (var name in Order(dataSet))
            cases.Add(await MeasuredCase.ReadAsync(dataSet.EvaluationOf(name), options.Cutoffs, dataSet.Models.GetValueOrDefault(name), cancellation));
        var encoders = new Dictionary<string, EncoderSize>();
        foreach (var (encoder, folder) in dataSet.Features)
            if (await EncoderSize.ReadAsync(folder, cancellation) is { } size) encoders[encoder] = size;
        return new Evaluation(
            await HeldOutData.ReadAsync(dataSet.Ingest, cancellation), CaseTitles.Titled(cases),
            await TableFile.ReadAsync<TestRow>(TableFile.PathOf<TestRow>(dataSet.Comparison), cancellation), options, dataSet)
        { Encoders = encoders };
    }

    /// <summary>The names of the cases that were compared, best first.</summary>
    /// <exception cref="InvalidInputException">There is no comparison.</exception>
    public static IReadOnlyList<string> Order(EvaluatedDataSet dataSet) => [.. Manifest.Read(dataSet.Comparison).Facts[OrderFact]!.AsArray().Select(name => (string)name!)];
}
