using System.Globalization;
using System.Text;
using LmmRec.Artifacts.Steps;
using Spectre.Console;

namespace LmmRec.Cli.Terminal;

/// <summary>
/// Progress as live bars, on a terminal: one line per task that is under way, below the lines that stay. No line is longer than the terminal is wide,
/// so what was drawn is known to fill as many rows as there are lines and can be erased whole.
/// </summary>
internal sealed class LiveProgress : IProgressSink, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly List<Task> _tasks = [];
    private IReadOnlyList<string> _drawn = [];

    private LiveProgress(IAnsiConsole console, TextWriter output, TimeProvider clock)
    {
        (_console, _output, _clock) = (console, output, clock);
        _timer = clock.CreateTimer(_ => Draw([]), null, Interval, Interval);
    }

    /// <summary>Runs <paramref name="work"/> under live bars where <paramref name="console"/> is a terminal, else with plain lines.</summary>
    public static async Task<T> ShowAsync<T>(IAnsiConsole console, TextWriter output, TimeProvider clock, Func<IProgressSink, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi) return await work(new PlainProgress(output, clock));
        using var progress = new LiveProgress(console, output, clock);
        return await work(progress);
    }

    public IProgressTask Start(string what, long? total)
    {
        var task = new Task(this, Printable.Of(what), new Rate(_clock, total));
        lock (_lock) _tasks.Add(task);
        Draw([]);
        return task;
    }

    public void Note(string line) => Draw([Printable.Of(line)]);

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock) _tasks.Clear();
        Draw([]);
    }

    // Erases the bars, writes what stays, draws the bars anew: in one piece, so that nothing flickers.
    private void Draw(IReadOnlyList<string> notes)
    {
        lock (_lock)
        {
            var width = Math.Max(1, _console.Profile.Width);
            var text = new StringBuilder();
            // A terminal that became narrower has wrapped what was drawn.
            var rows = _drawn.Sum(line => Math.Max(1, (Fitting.Width(line) + width - 1) / width));
            if (rows > 0) text.Append('\r');
            if (rows > 1) text.Append(CultureInfo.InvariantCulture, $"\e[{rows - 1}A");
            if (rows > 0) text.Append("\e[J");
            foreach (var line in notes.SelectMany(note => Fitting.Wrap(note, width))) text.Append(line).Append('\n');
            _drawn = [.. _tasks.Take(Math.Max(1, _console.Profile.Height - 1)).Select(task => task.Line(width - 1))]; // a full last column would wrap
            text.AppendJoin('\n', _drawn);
            _output.Write(text);
            _output.Flush();
        }
    }

    private sealed class Task(LiveProgress sink, string what, Rate rate) : IProgressTask
    {
        private const int LabelWidth = 30, BarWidth = 20, NarrowestBar = 5;

        private string _detail = "";

        public void Advance(long units)
        {
            lock (sink._lock) rate.Advance(units);
        }

        public void Describe(string detail)
        {
            lock (sink._lock) _detail = $", {Printable.Of(detail)}";
        }

        public void Dispose()
        {
            lock (sink._lock) sink._tasks.Remove(this);
            sink.Note($"  {what}: {rate.Summary}{_detail}");
        }

        /// <summary>Label, bar, rate and detail in <paramref name="width"/> columns: where they are too few the detail goes first, then the bar, then the label's middle.</summary>
        public string Line(int width)
        {
            var numbers = rate.Describe();
            var label = Fitting.Middle(what, Math.Clamp(width - numbers.Length - 1, 1, LabelWidth));
            var free = width - Fitting.Width(label) - 1 - numbers.Length;
            var bar = rate.Share is { } share && free > NarrowestBar ? Bar(share, Math.Min(BarWidth, free - 1)) + " " : "";
            var detail = Fitting.Width(_detail) <= free - bar.Length ? _detail : "";
            return Fitting.Start($"{label} {bar}{numbers}{detail}", width);
        }

        private static string Bar(double share, int width)
        {
            var done = (int)(share * width);
            return new string('━', done) + new string('┄', width - done);
        }
    }
}
