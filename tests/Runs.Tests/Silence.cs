using LmmRec.Artifacts.Steps;

namespace LmmRec.Runs.Tests;

/// <summary>Progress that nobody hears.</summary>
internal sealed class Silence : IProgressSink
{
    public IProgressTask Start(string what, long? total) => throw new NotSupportedException();

    public void Note(string line)
    {
    }
}
