using System.CommandLine;

namespace LmmRec.Cli.Monitoring;

/// <summary>What commands that run steps take for those who watch them at a distance.</summary>
internal static class MonitoringOptions
{
    private const string Text = "text", Json = "json";

    /// <summary>The form of standard error.</summary>
    private static readonly Option<string?> LogOption = new("--log")
    {
        Description = $"What standard error gets: {Text}, or {Json}, one object a line. [default: {Text}]",
        HelpName = $"{Text}|{Json}",
    };

    private static readonly Option<string?> SummaryOption = new("--summary")
    {
        Description = "A file that says at every end how the command ended, and why; for alerts.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> OtlpOption = new("--otlp")
    {
        Description = $"A receiver of OpenTelemetry's traces and metrics, such as http://localhost:4317. [default: {Telemetry.EndpointVariable}, else none]",
        HelpName = "ENDPOINT",
    };

    static MonitoringOptions()
    {
        LogOption.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not (Text or Json or "") } token]) result.AddError($"--log {token.Value}: unknown form; allowed: {Text}, {Json}");
        });
        SummaryOption.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Directory.Exists(token.Value)) result.AddError($"--summary {token.Value}: is a folder; name a file in it");
        });
        OtlpOption.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: > 0 } token] && !Telemetry.IsEndpoint(token.Value)) result.AddError($"--otlp {token.Value}: is no http(s) address, such as http://localhost:4317");
        });
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [LogOption, SummaryOption, OtlpOption];

    /// <summary>Those that tell of a run, and so have nothing to tell of a dry one: an alert must not take that for the night's.</summary>
    public static IReadOnlyList<Option> OfRuns { get; } = [SummaryOption, OtlpOption];

    /// <summary>Whether standard error gets JSON.</summary>
    public static bool LogsJson(ParseResult parsed) => Given(parsed, LogOption) == Json;

    /// <summary>The summary's file; null: none is wanted.</summary>
    public static string? Summary(ParseResult parsed) => Given(parsed, SummaryOption) is { } file && !Directory.Exists(file) ? file : null;

    /// <summary>The receiver; null: none is named here.</summary>
    public static string? Receiver(ParseResult parsed) => Given(parsed, OtlpOption) is { } endpoint && Telemetry.IsEndpoint(endpoint) ? endpoint : null;

    // What can be used is used though other arguments are wrong: that they are is told this way, too.
    private static string? Given(ParseResult parsed, Option option) => parsed.GetResult(option)?.Tokens is [{ Value.Length: > 0 } token] ? token.Value : null;
}
