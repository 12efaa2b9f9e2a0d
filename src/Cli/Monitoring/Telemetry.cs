using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Runs;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LmmRec.Cli.Monitoring;

/// <summary>
/// Traces and metrics for a receiver that the user names (docs/operations.md#telemetry), by OpenTelemetry's protocol: a span for the command with one for each
/// step, steps by how they ended, and how long they took. Nothing is sent where none is named. A receiver that is away delays the end by seconds at most.
/// </summary>
internal sealed class Telemetry : IStepObserver, IDisposable
{
    /// <summary>Names the receiver where the option does not; the library's own, as others of its kind are.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Name = "lmmrec";

    private const int GraceMilliseconds = 5000;

    private readonly ActivitySource _source = new(Name);
    private readonly Meter _meter = new(Name);
    private readonly Silence _silence = new();
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _seconds;
    private readonly string _command;
    private readonly Uri _receiver;
    private readonly Activity? _run;
    private readonly ConcurrentDictionary<string, Activity?> _running = []; // by the step's folder

    private Telemetry(string command, Uri receiver)
    {
        (_command, _receiver) = (command, receiver);
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Name).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Name).AddOtlpExporter().Build();
        _steps = _meter.CreateCounter<long>("lmmrec.steps", "{step}", "Steps by how they ended");
        _seconds = _meter.CreateHistogram("lmmrec.step.duration", "s", "How long steps took that ran", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000] });
        _run = Start($"lmmrec {command}", default);
        _run?.SetTag("lmmrec.command", command);
    }

    /// <summary>Whether <paramref name="address"/> can be one of a receiver.</summary>
    public static bool IsEndpoint(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    /// <summary>Begins the telemetry of a command; null: no receiver is named, or none can be sent to.</summary>
    /// <param name="command">such as <c>run</c></param>
    /// <param name="receiver">its address; null: what the environment says</param>
    /// <param name="warn">gets what is wrong in the environment</param>
    public static Telemetry? TryOpen(string command, string? receiver, Action<string> warn)
    {
        if (receiver is not null) Environment.SetEnvironmentVariable(EndpointVariable, receiver); // it is then used as the library uses that
        else receiver = Environment.GetEnvironmentVariable(EndpointVariable);
        if (string.IsNullOrEmpty(receiver)) return null;
        if (!IsEndpoint(receiver))
        {
            warn($"{EndpointVariable}: is no http(s) address, such as http://localhost:4317; no telemetry is sent");
            return null;
        }
        try
        {
            return new Telemetry(command, new Uri(receiver));
        }
        catch (Exception e) // the library reads a dozen variables and files that they name, and throws what it likes
        {
            warn($"the variables OTEL_… cannot be used, so no telemetry is sent: {e.Message}");
            return null;
        }
    }

    /// <summary>The run has a name now.</summary>
    public void Begin(string run) => _run?.SetTag("lmmrec.run", run);

    /// <inheritdoc/>
    public void Began(Step step, StepState state) => _running[step.Folder] = Start(step)?.SetTag("lmmrec.why", state.Told.ToArray());

    /// <inheritdoc/>
    public void Ended(Step step, StepOutcome outcome)
    {
        var state = ConfigurationBinder.NameOf(outcome.State);
        if (!_running.TryRemove(step.Folder, out var span)) span = Start(step); // it took no time
        span?.SetTag("lmmrec.state", state);
        if (outcome.Failure is { } failure) span?.SetStatus(ActivityStatusCode.Error, failure.Message);
        span?.Dispose();
        TagList tags = [new("lmmrec.stage", step.Stage), new("lmmrec.state", state)];
        if (step.Dataset is not null) tags.Add("lmmrec.dataset", step.Dataset);
        _steps.Add(1, tags);
        if (outcome.Seconds is { } seconds) _seconds.Record(seconds, tags);
    }

    /// <summary>Ends it, and waits for what is not sent yet, but not for long.</summary>
    /// <returns>What is to be said where the receiver did not take all; else null.</returns>
    public string? Close(RunOutcome outcome)
    {
        foreach (var span in _running.Values) span?.SetStatus(ActivityStatusCode.Error, outcome.Reason).Dispose(); // what ended them ended the command
        _run?.SetTag("lmmrec.exit_code", outcome.ExitCode);
        if (outcome.ExitCode is not (ExitCode.Done or ExitCode.DoneInPart)) _run?.SetStatus(ActivityStatusCode.Error, outcome.Reason);
        _run?.Dispose();
        _meter.CreateGauge<int>("lmmrec.exit_code", description: "What the command returned").Record(outcome.ExitCode, new KeyValuePair<string, object?>("lmmrec.command", _command));
        var sent = _traces.Shutdown(GraceMilliseconds) & _metrics.Shutdown(GraceMilliseconds);
        var silent = !sent || _silence.Heard;
        return silent ? $"not all telemetry reached {_receiver.GetLeftPart(UriPartial.Path).Replace(_receiver.UserInfo + "@", "", StringComparison.Ordinal)}; the run is not affected" : null;
    }

    public void Dispose()
    {
        foreach (var part in new IDisposable[] { _traces, _metrics, _source, _meter, _silence }) part.Dispose();
    }

    private Activity? Start(Step step)
    {
        var span = Start(step.Name, _run?.Context ?? default)?.SetTag("lmmrec.stage", step.Stage).SetTag("lmmrec.step", step.Name);
        return step.Dataset is null ? span : span?.SetTag("lmmrec.dataset", step.Dataset);
    }

    // A span is never the current one: with that, requests to others, such as a shop's pictures, would carry its id.
    private Activity? Start(string name, ActivityContext parent)
    {
        var current = Activity.Current;
        var span = _source.StartActivity(name, ActivityKind.Internal, parent);
        Activity.Current = current;
        return span;
    }

    // No name of the machine and no path; what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say comes last and counts.
    private static void Describe(ResourceBuilder resource) => resource
        .AddService(Name, serviceVersion: typeof(Telemetry).Assembly.GetName().Version!.ToString(3), autoGenerateServiceInstanceId: false)
        .AddEnvironmentVariableDetector();

    // The library tells of what it could not send by events alone.
    private sealed class Silence : EventListener
    {
        public bool Heard { get; private set; }

        protected override void OnEventSourceCreated(EventSource source)
        {
            if (source.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(source, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs entry) => Heard = true;
    }
}
