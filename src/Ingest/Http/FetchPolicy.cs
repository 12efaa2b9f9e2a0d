namespace LmmRec.Ingest.Http;

/// <summary>How we behave towards servers, and what we put up with.</summary>
internal sealed record FetchPolicy
{
    /// <summary>Longest silence of a server: while it connects, before its answer, and within it.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time of one attempt, body included. Files that come in parts have all the time they need.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Requests under way at a time, to all hosts together.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>Connections to one host at a time.</summary>
    public int ConnectionsPerHost { get; init; } = 8;

    /// <summary>Requests to one host a second; infinite: as many as it takes.</summary>
    public double RequestsPerSecond { get; init; } = 20;

    /// <summary>How long a host may be away before what is wanted from it is given up.</summary>
    public TimeSpan GiveUp { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>What we call ourselves.</summary>
    public string UserAgent { get; init; } = IngestOptions.DefaultUserAgent;

    /// <summary>Who connects for us; then it is the proxy that must not connect to private addresses.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Hosts that may have a private address.</summary>
    public IReadOnlyList<string> PrivateHosts { get; init; } = [];

    /// <summary>Whether what a server bars from use by machines (<see cref="OptOut"/>) is left there.</summary>
    public bool HonourOptOut { get; init; } = true;

    /// <summary>The policy that the configuration asks for.</summary>
    public static FetchPolicy Of(IngestOptions options) => new()
    {
        Idle = TimeSpan.FromSeconds(options.Images.IdleSeconds),
        Total = TimeSpan.FromSeconds(options.Images.TotalSeconds),
        Retries = options.Images.Retries,
        Concurrency = options.Images.Concurrency,
        ConnectionsPerHost = options.Images.PerHost.Connections,
        RequestsPerSecond = options.Images.PerHost.RequestsPerSecond,
        GiveUp = TimeSpan.FromSeconds(options.Images.GiveUpSeconds),
        UserAgent = options.Contact is null ? options.UserAgent : $"{options.UserAgent} (+{options.Contact})",
        Proxy = options.Proxy is null ? null : new Uri(options.Proxy),
        PrivateHosts = options.PrivateHosts,
        HonourOptOut = options.Images.HonourOptOut,
    };

    /// <summary>The same towards a server on this machine that is ours: no pace and no share of connections.</summary>
    public FetchPolicy Unpaced => this with { ConnectionsPerHost = Concurrency, RequestsPerSecond = double.PositiveInfinity, Proxy = null };
}
