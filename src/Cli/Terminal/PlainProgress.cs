using LmmRec.Artifacts.Steps;

namespace LmmRec.Cli.Terminal;

/// <summary>Progress as plain lines, for logs and pipes: one every ten seconds and one when a task ends.</summary>
internal sealed class PlainProgress(Action<ProgressLine> write, TimeProvider clock, Step? step = null) : IProgressSink
{
    /// <summary>The lines as text.</summary>
    public PlainProgress(TextWriter output, TimeProvider clock) : this(
        line =>
        {
            lock (output) output.WriteLine(Printable.Of(line.Done is null ? line.Text : $"  {line.Text}"));
        },
        clock)
    {
    }

    public IProgressTask Start(string what, long? total) => new Task(this, what, total);

    public void Note(string line) => write(new ProgressLine(line, step));

    public void Fault(string line) => write(new ProgressLine(line, step) { IsFault = true });

    public IProgressSink For(Step step) => new PlainProgress(write, clock, step);

    private sealed class Task(PlainProgress sink, string what, long? total) : IProgressTask
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

        private readonly Rate _rate = new(sink.Clock, total);
        private TimeSpan _nextLine = Interval;
        private string _detail = "";

        public void Advance(long units)
        {
            lock (_rate)
            {
                _rate.Advance(units);
                if (_rate.Elapsed < _nextLine) return;
                _nextLine = _rate.Elapsed + Interval;
                Tell(_rate.Describe());
            }
        }

        public void Describe(string detail)
        {
            lock (_rate) _detail = $", {detail}";
        }

        public void Dispose()
        {
            lock (_rate) Tell(_rate.Summary);
        }

        private void Tell(string state) => sink.Tell(new ProgressLine($"{what}: {state}{_detail}", sink.Step) { Done = _rate.Done, Total = total });
    }

    private TimeProvider Clock => clock;

    private Step? Step => step;

    private void Tell(ProgressLine line) => write(line);
}

/// <summary>A line of progress.</summary>
/// <param name="Text">for people</param>
/// <param name="Step">the step that it is of; null: of none</param>
internal readonly record struct ProgressLine(string Text, Step? Step)
{
    /// <summary>Whether something went wrong.</summary>
    public bool IsFault { get; init; }

    /// <summary>Units of a task that are done; null: it tells of no task.</summary>
    public long? Done { get; init; }

    /// <summary>All of its units; null: not known.</summary>
    public long? Total { get; init; }
}
