using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest;

/// <summary>What ingest could not use and what it dropped by rule, for the table of failures, the manifest and the exit code.</summary>
internal sealed class IngestLog(IProgressSink progress)
{
    private readonly List<FailureRow> _failures = [];
    private readonly SortedDictionary<string, (long Failed, long Total)> _shares = new(StringComparer.Ordinal);

    public IProgressSink Progress => progress;

    public IReadOnlyList<FailureRow> Failures => _failures;

    /// <summary>Rows dropped by rule, by the rule's name.</summary>
    public JsonObject Dropped { get; } = [];

    /// <summary>One of <paramref name="kind"/> was usable.</summary>
    public void Used(string kind) => Count(kind, failed: 0);

    /// <summary>One of <paramref name="kind"/> was not, and why.</summary>
    public void Failed(string kind, string id, string? url, string reason)
    {
        _failures.Add(new FailureRow(kind, id, url, reason));
        Count(kind, failed: 1);
    }

    /// <summary>How many of a kind were usable, and how many not.</summary>
    public (long Used, long Failed) Of(string kind) =>
        _shares.TryGetValue(kind, out var share) ? (share.Total - share.Failed, share.Failed) : (0, 0);

    /// <summary>What to tell the user when more than <paramref name="maxShare"/> of a kind failed; null when all is well.</summary>
    public string? TooMany(double maxShare)
    {
        var bad = _shares.Where(s => s.Value.Failed > maxShare * s.Value.Total).ToList();
        if (bad.Count == 0) return null;
        var kinds = bad.Select(s => $"{s.Value.Failed} of {s.Value.Total} {s.Key}s failed, the first: {First(s.Key)}");
        return $"{string.Join("; ", kinds)}; allowed is a share of {maxShare} (ingest.maxFailedShare); the table 'failures' lists them all";
    }

    private string First(string kind) => _failures.First(f => f.Kind == kind) is var f ? $"{f.Id} ({f.Reason})" : "";

    private void Count(string kind, int failed)
    {
        var (f, t) = _shares.GetValueOrDefault(kind);
        _shares[kind] = (f + failed, t + 1);
    }
}
