using LmmRec.Artifacts.Steps;

namespace LmmRec.Train.Tests;

/// <summary>Cancels once more units are done than these: epochs of a training, updates of a tuning.</summary>
/// <param name="units">those that may be done</param>
/// <param name="kill">cancels</param>
/// <param name="task">what the names of the tasks begin with that count</param>
internal sealed class KillAfter(int units, CancellationTokenSource? kill, string task = "train") : IProgressSink, IProgressTask
{
    private long _done;

    /// <summary>The first advance of the first task: what was done before.</summary>
    public long? First { get; private set; }

    public IProgressTask Start(string what, long? total) => what.StartsWith(task, StringComparison.Ordinal) ? this : new Silence().Start(what, total);

    public List<string> Notes { get; } = [];

    public void Note(string line) => Notes.Add(line);

    public void Advance(long done)
    {
        First ??= done;
        _done += done;
        if (_done > units) kill?.Cancel();
    }

    public void Describe(string detail)
    {
    }

    public void Dispose()
    {
    }
}
