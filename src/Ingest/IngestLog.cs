using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest;

/// <summary>What ingest could not use and what it dropped by rule, for the table of failures, the manifest and the exit code.</summary>
internal sealed class IngestLog(IProgressSink progress)
{
    /// <summary>What a picture is called: the only thing that can be asked for again.</summary>
    public const string PictureKind = "picture";

    // A file that is all rubbish must not fill the memory with reasons.
    private const int MaxRows = 100_000;

    private readonly List<FailureRow> _failures = [];
    private readonly SortedDictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Count, string First)> _absent = new(StringComparer.Ordinal);

    public IProgressSink Progress => progress;

    /// <summary>How many could not be used.</summary>
    public long FailureCount => _shares.Values.Sum(s => s.Failed);

    /// <summary>The first 100 000 of them; where there were more, a last row says how many.</summary>
    public IEnumerable<FailureRow> Failures =>
        FailureCount == _failures.Count ? _failures : _failures.Append(new FailureRow("more", "", null, $"{FailureCount - _failures.Count} further failures are not listed"));

    /// <summary>Rows dropped by rule, by the rule's name.</summary>
    public JsonObject Dropped { get; } = [];

    /// <summary>A value of <paramref name="column"/> could not be read; its row is used without it.</summary>
    /// <param name="column">what it is, such as time</param>
    /// <param name="place">where the row stands, such as <c>orders.csv, line 12</c></param>
    /// <param name="text">the value</param>
    public void Absent(string column, string place, ReadOnlySpan<char> text)
    {
        var (count, first) = _absent.GetValueOrDefault(column);
        _absent[column] = (count + 1, first ?? $"{place}: '{text}'");
    }

    /// <summary>By column how many values could not be read, and the first of them.</summary>
    public JsonObject AbsentValues() => new(_absent.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)new JsonObject { ["count"] = a.Value.Count, ["first"] = a.Value.First })));

    /// <summary>One of <paramref name="kind"/>, or <paramref name="count"/>, were usable.</summary>
    public void Used(string kind, long count = 1) => Count(kind, used: count, failed: 0);

    /// <summary>One of <paramref name="kind"/> was not, and why.</summary>
    public void Failed(string kind, string id, string? url, string reason)
    {
        if (_failures.Count < MaxRows) _failures.Add(new FailureRow(kind, id, url is null ? null : PictureAddress.Shown(url), reason));
        Count(kind, used: 0, failed: 1, $"{id} ({reason})").Tell(Cause(reason), url is null ? null : PictureAddress.HostOf(url));
    }

    /// <summary>How many of a kind were usable, and how many not.</summary>
    public (long Used, long Failed) Of(string kind) =>
        _shares.TryGetValue(kind, out var share) ? (share.Total - share.Failed, share.Failed) : (0, 0);

    /// <summary>By kind how many failed of how many, the first of them, and how many by cause and by host: the facts that <see cref="TooMany"/> judges.</summary>
    public JsonObject Shares() => new(_shares.Where(share => share.Value.Failed > 0).Select(share => KeyValuePair.Create(share.Key, (JsonNode?)new JsonObject
    {
        ["failed"] = share.Value.Failed,
        ["total"] = share.Value.Total,
        ["first"] = share.Value.First,
        ["causes"] = share.Value.Causes.ToJson(),
        ["hosts"] = share.Value.Hosts.ToJson(),
    })));

    /// <summary>What to tell the user where more than <paramref name="maxShare"/> of a kind failed; null when all is well.</summary>
    /// <param name="shares">as <see cref="Shares"/> gives them</param>
    /// <param name="maxShare">0 to 1</param>
    /// <param name="folder">the artifact's folder, for the remedy</param>
    public static string? TooMany(JsonObject? shares, double maxShare, string folder)
    {
        var bad = (shares ?? []).Where(s => (long)s.Value!["failed"]! > maxShare * (long)s.Value["total"]!).ToList();
        if (bad.Count == 0) return null;
        var remedies = bad.Exists(s => s.Key == PictureKind) ? "Fix the input, run lmmrec ingest --retry-failed, or" : "Fix the input, or";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Tell(bad)}; the limit is {100 * maxShare:0.###} %. {TableFile.PathOf<FailureRow>(folder)} lists them. {remedies} raise ingest.maxFailedShare.");
    }

    /// <summary>What failed, in one line; null when nothing did.</summary>
    public string? Faults => FailureCount == 0 ? null : Tell(Shares());

    private static string Tell(IEnumerable<KeyValuePair<string, JsonNode?>> shares)
    {
        return string.Join("; ", shares.Select(s => $"{s.Value!["failed"]} of {s.Value["total"]} {s.Key}s failed, the first: {s.Value["first"]}{Counts("causes", s.Value)}{Counts("hosts", s.Value)}"));

        static string Counts(string what, JsonNode share) => share[what] is JsonObject { Count: > 0 } counts ? $"; {what}: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}" : "";
    }

    private Share Count(string kind, long used, long failed, string? fault = null)
    {
        if (!_shares.TryGetValue(kind, out var share)) _shares[kind] = share = new Share();
        share.Total += used + failed;
        share.Failed += failed;
        share.First ??= fault;
        return share;
    }

    // What differs from one to the next stands behind a colon or in brackets; those within a word, as in http(s), part nothing.
    private static string Cause(string reason) => reason.Split([": ", " (", "; "], 2, StringSplitOptions.None)[0];

    /// <summary>How many of a kind failed, of how many, the first that did, and why and where.</summary>
    private sealed class Share
    {
        public long Failed { get; set; }

        public long Total { get; set; }

        public string? First { get; set; }

        public Tally Causes { get; } = new();

        public Tally Hosts { get; } = new();

        public void Tell(string cause, string? host)
        {
            Causes.Add(cause);
            if (host is not null) Hosts.Add(host);
        }
    }
}
