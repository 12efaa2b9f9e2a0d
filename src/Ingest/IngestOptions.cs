using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Ingest;

/// <summary>How the data are filtered, split and fetched: the section <c>ingest</c> of the configuration.</summary>
public sealed record IngestOptions : IChecked
{
    /// <summary>What <see cref="UserAgent"/> is where nothing else is configured.</summary>
    internal static readonly string DefaultUserAgent = $"lmmrec/{typeof(IngestOptions).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>
    /// Fewest interactions per user and per item; others are removed until none is left (docs/data.md#k-core). Default: 5, as in the literature.
    /// Range: 1 (keeps all) to 1000. An MMRec folder is taken as it is, since its ids are indices. Changes the output.
    /// </summary>
    [Range(1, 1000)]
    public int Core { get; init; } = 5;

    /// <summary>
    /// Makes a small cut of a large shop for a first try: this many items, those that most users met, with the users who have enough rows among them.
    /// The core is taken once more, so there may be fewer. Default: all items. Range: 1 to 1000000000. Changes the output.
    /// </summary>
    [Range(1, 1_000_000_000)]
    public int? Sample { get; init; }

    /// <summary>
    /// Whether items whose picture could not be had are left out, after the core, which is not taken again, and before the split
    /// (docs/data.md#items-without-a-vector). Users stay as long as one row does. Default: false. Changes the output.
    /// </summary>
    public bool DropMissingImages { get; init; }

    /// <summary>How interactions are parted into training, validation and test.</summary>
    public SplitOptions Split { get; init; } = new();

    /// <summary>How pictures are fetched. An MMRec folder has none.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>
    /// Largest share of pictures, and of lines of a file, that may be unusable before the run ends with exit code 3. Default: 0.05. Range: 0 to 1.
    /// Judges a run; changes no table, so that another value alone makes nothing run again.
    /// </summary>
    [Range(0.0, 1.0)]
    public double MaxFailedShare { get; init; } = 0.05;

    /// <summary>What servers are told that we are. Default: <c>lmmrec/</c> and its version. Changes no table by itself.</summary>
    [RegularExpression("^[!-~][ -~]*$", ErrorMessage = "is no name that a request can carry; allowed are printable ASCII characters")]
    public string UserAgent { get; init; } = DefaultUserAgent;

    /// <summary>Whom a server's owner may write to, an e-mail address or a page; told with <see cref="UserAgent"/>. Default: nobody. Changes no table.</summary>
    [RegularExpression("^[!-~][ -~]*$", ErrorMessage = "is no contact that a request can carry; allowed are printable ASCII characters")]
    public string? Contact { get; init; }

    /// <summary>
    /// The proxy that connects for us, such as <c>http://user:password@proxy:3128</c>. The check that no private address is asked is then the proxy's.
    /// Default: none, also where the environment names one. Changes no table by itself.
    /// </summary>
    public string? Proxy { get; init; }

    /// <summary>Hosts of addresses that may be of this machine or its network, as they are written there. Default: none. Changes no table by itself.</summary>
    public IReadOnlyList<string> PrivateHosts { get; init; } = [];

    /// <summary>
    /// Hours after which addresses are asked again though nothing changed; unchanged files are not sent again. Default: never by itself, only by
    /// <c>--refresh</c>. Range: 0.1 to 8760.
    /// </summary>
    [Range(0.1, 8760.0)]
    public double? RefreshHours { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Proxy is not null && !ProxyAddress.TryParse(Proxy, out _)) yield return ("proxy", ProxyAddress.Allowed);
    }
}

/// <summary>By what rule interactions are parted. By time means: rows without a time first, then the earlier first, and at equal times in the source's order.</summary>
public enum SplitKind
{
    /// <summary>Drawn here, 8:1:1 per user (docs/data.md#splits).</summary>
    Random,

    /// <summary>Of each user's rows by time the last to test and the one before to validation; users of one or two rows are in training alone.</summary>
    LeaveOneOut,

    /// <summary>8:1:1 per user as for random, by time: the first to training.</summary>
    UserTime,

    /// <summary>8:1:1 of all rows by two moments: what happened before the first to training, from the second on to test.</summary>
    GlobalTime,

    /// <summary>The data bring their own: the column <c>x_label</c> of an MMRec folder.</summary>
    Given,
}

/// <summary>How interactions are parted. Changes the output.</summary>
public sealed record SplitOptions : IChecked
{
    /// <summary>Default: random.</summary>
    public SplitKind Kind { get; init; } = SplitKind.Random;

    /// <summary>Seed of a random split, and of the choice of cold items. Default: 999. Range: any whole number.</summary>
    public int Seed { get; init; } = 999;

    /// <summary>
    /// Share of the items that are kept wholly out of training, so that it can be measured how items are recommended that nobody met yet. They are
    /// drawn with the seed; all rows of one half go to validation, of the other (and of an odd one out) to test. The other items' rows are parted as
    /// without. Default: 0. Range: 0 to 0.5.
    /// </summary>
    [Range(0.0, 0.5)]
    public double Cold { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Kind == SplitKind.Given) yield return ("cold", "a given split is taken as it is");
        if (Kind == SplitKind.Given || Kind != SplitKind.Random && Cold == 0) yield return ("seed", "nothing is drawn");
    }

    /// <summary>What of it determines the output, in one line.</summary>
    internal string Recipe => string.Create(CultureInfo.InvariantCulture,
        $"{JsonNamingPolicy.KebabCaseLower.ConvertName(Kind.ToString())}{(Kind == SplitKind.Random ? $" {Seed}" : "")}{(Kind != SplitKind.Given && Cold > 0 ? $", cold {Cold} {Seed}" : "")}");
}

/// <summary>How pictures are fetched.</summary>
public sealed record ImageOptions
{
    /// <summary>Downloads under way at a time, from all hosts together. Default: 32. Range: 1 to 256. Changes speed and memory only.</summary>
    [Range(1, 256)]
    public int Concurrency { get; init; } = 32;

    /// <summary>What one host is asked for at a time and in a second. The sample shop, which is ours, is exempt.</summary>
    public PerHostOptions PerHost { get; init; } = new();

    /// <summary>Largest picture file, in bytes; larger ones count as failed. Default: 10 MiB. Range: 1 KiB to 100 MiB. Changes the output.</summary>
    [Range(1 << 10, 100 << 20)]
    public int MaxBytes { get; init; } = 10 << 20;

    /// <summary>
    /// Longest silence of a server, before its answer or within it, in seconds, before the request is tried again. Default: 10. Range: 0.1 to 600.
    /// Changes the output only in that fewer pictures come from a slow server.
    /// </summary>
    [Range(0.1, 600.0)]
    public double IdleSeconds { get; init; } = 10;

    /// <summary>
    /// Longest time of one attempt, in seconds, however steadily the server sends. Default: 120. Range: 0.1 to 86400. Changes the output only in that
    /// fewer pictures come from a slow server.
    /// </summary>
    [Range(0.1, 86400.0)]
    public double TotalSeconds { get; init; } = 120;

    /// <summary>
    /// How often a request is tried again after a fault that may pass (408, 425, 429, 5xx, broken connection, silence). Default: 4. Range: 1 to 20.
    /// Changes the output only in that fewer pictures come from a faulty server.
    /// </summary>
    [Range(1, 20)]
    public int Retries { get; init; } = 4;

    /// <summary>
    /// How long a host that does not answer is waited for, in seconds; its pictures are put off until then, others go on. Default: 600. Range: 0 to
    /// 86400. Changes the output only in that fewer pictures come from a host that is away.
    /// </summary>
    [Range(0.0, 86400.0)]
    public double GiveUpSeconds { get; init; } = 600;

    /// <summary>
    /// Whether to skip pictures whose server forbids automated use (header X-Robots-Tag: noai, noimageai, noindex, noimageindex or
    /// none, to all or to lmmrec). Default: true. Changes the output.
    /// </summary>
    public bool HonourOptOut { get; init; } = true;

    /// <summary>
    /// Share of the pictures, at least 20 of them, from which on equal ones are taken for the shop's "no image" picture: their items count as items
    /// without one. Default: 0.05. Range: 0.001 to 1 (only if all are equal). Changes the output.
    /// </summary>
    [Range(0.001, 1.0)]
    public double PlaceholderShare { get; init; } = 0.05;

    /// <summary>
    /// How long a picture stays that came once and cannot be had any more, in days since that was found. Default: 90. Range: 0 (goes at once) to 3650.
    /// Changes the output.
    /// </summary>
    [Range(0, 3650)]
    public int KeepGoneDays { get; init; } = 90;

    /// <summary>The options that determine the tables, for the recipe.</summary>
    internal JsonObject Recipe => new()
    {
        ["maxBytes"] = MaxBytes,
        ["honourOptOut"] = HonourOptOut,
        ["placeholderShare"] = PlaceholderShare,
        ["keepGoneDays"] = KeepGoneDays,
    };
}

/// <summary>How one host is treated. Changes speed only.</summary>
public sealed record PerHostOptions
{
    /// <summary>Connections at a time. Default: 8. Range: 1 to 256.</summary>
    [Range(1, 256)]
    public int Connections { get; init; } = 8;

    /// <summary>Requests a second. Default: 20. Range: 0.01 to 100000.</summary>
    [Range(0.01, 100_000.0)]
    public double RequestsPerSecond { get; init; } = 20;
}
