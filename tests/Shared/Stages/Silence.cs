using LmmRec.Artifacts.Steps;

namespace LmmRec.Tests;

/// <summary>Progress that nobody looks at; its notes are kept.</summary>
internal sealed class Silence : IProgressSink, IProgressTask
{
    public List<string> Notes { get; } = [];

    public IProgressTask Start(string what, long? total) => this;

    public void Note(string line)
    {
        lock (Notes) Notes.Add(line);
    }

    public void Advance(long units) { }

    public void Describe(string detail) { }

    public void Dispose() { }
}
