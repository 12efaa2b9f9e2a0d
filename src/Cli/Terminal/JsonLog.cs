using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LmmRec.Artifacts.Steps;

namespace LmmRec.Cli.Terminal;

/// <summary>What goes to standard error as JSON, one object a line (docs/operations.md#logs). A text that is written in one piece stays one object, line ends and all.</summary>
internal sealed class JsonLog
{
    private const string Warning = "warning: ";

    // In a log nothing has to be safe to stand in a web page.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;

    public JsonLog(TextWriter output, TimeProvider clock)
    {
        (_output, _clock) = (output, clock);
        (Notes, Faults) = (new Lines(text => Write(new ProgressLine(text, null))), new Lines(text => Write(new ProgressLine(text, null) { IsFault = true })));
        Progress = new PlainProgress(Write, clock);
    }

    /// <summary>Takes the place of standard error.</summary>
    public TextWriter Notes { get; }

    /// <summary>The same for what went wrong.</summary>
    public TextWriter Faults { get; }

    /// <summary>Takes progress.</summary>
    public IProgressSink Progress { get; }

    /// <summary>The run that later lines are of.</summary>
    public string? Run { get; set; }

    /// <summary>The data set of steps that name none, since it is the only one.</summary>
    public string? Dataset { get; set; }

    private void Write(ProgressLine line)
    {
        var text = line.Step?.Dataset is { } named && line.Text.StartsWith($"{named}: ", StringComparison.Ordinal) ? line.Text[(named.Length + 2)..] : line.Text; // it has a key of its own
        var isWarning = text.StartsWith(Warning, StringComparison.Ordinal);
        var entry = new Entry(
            _clock.GetUtcNow(), line.IsFault ? "error" : isWarning ? "warning" : "info", Run, line.Step is null ? null : line.Step.Dataset ?? Dataset, line.Step?.Stage, line.Step?.Name,
            isWarning ? text[Warning.Length..] : text, line.Done, line.Total);
        lock (_lock) _output.WriteLine(JsonSerializer.Serialize(entry, Json));
    }

    private sealed record Entry(DateTimeOffset Time, string Level, string? Run, string? Dataset, string? Stage, string? Step, string Message, long? Done, long? Total);

    // Passes on what is written, a line at a time, or more where it came in one piece.
    private sealed class Lines(Action<string> write) : TextWriter
    {
        private readonly StringBuilder _begun = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value == '\n') WriteLine("");
            else _begun.Append(value);
        }

        public override void WriteLine(string? value)
        {
            write($"{_begun}{value}");
            _begun.Clear();
        }
    }
}
