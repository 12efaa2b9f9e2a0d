using LmmRec.Artifacts.Steps;

namespace LmmRec.Cli.Terminal;

/// <summary>Progress as plain lines, for logs and pipes: one every ten seconds and one when a task ends.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider clock) : IProgressSink
{
    public IProgressTask Start(string what, long? total) => new Task(this, what, total);

    public void Note(string line)
    {
        lock (output) output.WriteLine(Printable.Of(line));
    }

    private sealed class Task : IProgressTask
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

        private readonly PlainProgress _sink;
        private readonly string _what;
        private readonly Rate _rate;
        private TimeSpan _nextLine = Interval;
        private string _detail = "";

        public Task(PlainProgress sink, string what, long? total)
        {
            _sink = sink;
            _what = what;
            _rate = new Rate(sink.Clock, total);
        }

        public void Advance(long units)
        {
            lock (_rate)
            {
                _rate.Advance(units);
                if (_rate.Elapsed < _nextLine) return;
                _nextLine = _rate.Elapsed + Interval;
                _sink.Note($"  {_what}: {_rate.Describe()}{_detail}");
            }
        }

        public void Describe(string detail)
        {
            lock (_rate) _detail = $", {detail}";
        }

        public void Dispose()
        {
            lock (_rate) _sink.Note($"  {_what}: {_rate.Summary}{_detail}");
        }
    }

    private TimeProvider Clock => clock;
}
