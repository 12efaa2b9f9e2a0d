using LmmRec.Artifacts.Steps;

namespace LmmRec.Tests;

/// <summary>Progress that nobody looks at.</summary>
internal sealed class Silence : IProgressSink, IProgressTask
{
    public IProgressTask Start(string what, long? total) => this;

    public void Note(string line) { }

    public void Advance(long units) { }

    public void Describe(string detail) { }

    public void Dispose() { }
}
