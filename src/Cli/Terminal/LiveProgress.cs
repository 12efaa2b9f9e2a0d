using LmmRec.Artifacts.Steps;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LmmRec.Cli.Terminal;

/// <summary>Progress as live bars with rate and time left, on a terminal.</summary>
internal sealed class LiveProgress(ProgressContext context, IAnsiConsole console, TimeProvider clock) : IProgressSink
{
    /// <summary>Runs <paramref name="work"/> under live bars where <paramref name="console"/> is a terminal, else with plain lines.</summary>
    public static Task<T> ShowAsync<T>(IAnsiConsole console, TextWriter plain, TimeProvider clock, Func<IProgressSink, Task<T>> work) =>
        console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi
            ? console.Progress().AutoClear(false)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RateColumn())
                .StartAsync(context => work(new LiveProgress(context, console, clock)))
            : work(new PlainProgress(plain, clock));

    public IProgressTask Start(string what, long? total)
    {
        var bar = context.AddTask(Markup.Escape(what), maxValue: total ?? 1);
        bar.IsIndeterminate = total is null;
        return new Task(bar, what, new Rate(clock, total));
    }

    public void Note(string line) => console.MarkupLineInterpolated($"{line}");

    private sealed class Task : IProgressTask
    {
        private readonly ProgressTask _bar;
        private readonly string _what;
        private readonly Rate _rate;

        public Task(ProgressTask bar, string what, Rate rate)
        {
            (_bar, _what, _rate) = (bar, what, rate);
            RateColumn.Attach(bar, rate);
        }

        public void Advance(long units)
        {
            lock (_rate) _rate.Advance(units);
            _bar.Increment(units);
        }

        public void Describe(string detail) => _bar.Description = Markup.Escape($"{_what} ({detail})");

        public void Dispose()
        {
            _bar.IsIndeterminate = false;
            _bar.MaxValue = Math.Max(1, _rate.Done);
            _bar.Value = _bar.MaxValue;
            _bar.StopTask();
        }
    }

    /// <summary>The rate and the time left, in the units of the task.</summary>
    private sealed class RateColumn : ProgressColumn
    {
        private const string Key = "rate";

        public static void Attach(ProgressTask task, Rate rate) => task.State.Update<Rate>(Key, _ => rate);

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.State.Get<Rate>(Key).Describe());
    }
}
