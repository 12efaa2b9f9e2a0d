using System.Collections.Concurrent;
using LmmRec.Artifacts.Steps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LmmRec.Cli.Terminal;

/// <summary>Progress as live bars with rate and time left, on a terminal; a task that has ended leaves one line.</summary>
internal sealed class LiveProgress : IProgressSink
{
    private const int BarWidth = 20, LabelWidth = 30;

    private readonly ProgressContext _context;
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly RateColumn _rates;

    private LiveProgress(ProgressContext context, IAnsiConsole console, TimeProvider clock, RateColumn rates) =>
        (_context, _console, _clock, _rates) = (context, console, clock, rates);

    /// <summary>Runs <paramref name="work"/> under live bars where <paramref name="console"/> is a terminal, else with plain lines.</summary>
    public static Task<T> ShowAsync<T>(IAnsiConsole console, TextWriter plain, TimeProvider clock, Func<IProgressSink, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi) return work(new PlainProgress(plain, clock));
        var rates = new RateColumn();
        return console.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, rates)
            .StartAsync(context => work(new LiveProgress(context, console, clock, rates)));
    }

    public IProgressTask Start(string what, long? total)
    {
        var label = what.Length <= LabelWidth ? what : $"{what[..(LabelWidth / 2)]}…{what[^(LabelWidth / 2 - 1)..]}";
        var bar = _context.AddTask(Markup.Escape(label), maxValue: total ?? 1);
        bar.IsIndeterminate = total is null;
        return new Task(this, bar, what, _rates.Follow(bar, new Rate(_clock, total)));
    }

    public void Note(string line) => _console.MarkupLineInterpolated($"{line}");

    private sealed class Task(LiveProgress sink, ProgressTask bar, string what, Rate rate) : IProgressTask
    {
        private string _detail = "";

        public void Advance(long units)
        {
            lock (rate) rate.Advance(units);
            bar.Increment(units);
        }

        public void Describe(string detail) => _detail = $", {detail}";

        public void Dispose()
        {
            sink.Note($"  {what}: {rate.Summary}{_detail}");
            bar.IsIndeterminate = false;
            bar.Value = bar.MaxValue;
            bar.StopTask();
        }
    }

    /// <summary>The rate and the time left, in the units of the task.</summary>
    private sealed class RateColumn : ProgressColumn
    {
        private readonly ConcurrentDictionary<int, Rate> _rates = [];

        protected override bool NoWrap => true;

        public Rate Follow(ProgressTask task, Rate rate) => _rates[task.Id] = rate;

        // A bar can be drawn before its rate is followed.
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(_rates.TryGetValue(task.Id, out var rate) ? rate.Describe() : "");
    }
}
