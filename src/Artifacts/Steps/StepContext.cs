using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>What a step gets to work with.</summary>
/// <param name="Output">where its tables go</param>
/// <param name="Progress">tells the user how far it is</param>
/// <param name="Clock">the time, for timings only</param>
/// <param name="Threads">threads to use</param>
/// <param name="Device"><c>cpu</c> or <c>cuda[:n]</c></param>
public sealed record StepContext(ArtifactWriter Output, IProgressSink Progress, TimeProvider Clock, int Threads, string Device)
{
    /// <summary>How a card computes, where the device is one.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Whether the input <paramref name="name"/> is there and can be used.</summary>
    public bool Has(string name) => Output.Recipe.Inputs.ContainsKey(name);
}

/// <summary>Where a step tells how far it is: a bar on a terminal, lines in a log.</summary>
public interface IProgressSink
{
    /// <summary>Begins a task of <paramref name="total"/> units (null: not known) that is called <paramref name="what"/>.</summary>
    IProgressTask Start(string what, long? total);

    /// <summary>One line that stays, such as a count of failures.</summary>
    void Note(string line);

    /// <summary>One line that stays, of what went wrong.</summary>
    void Fault(string line) => Note(line);

    /// <summary>Where what <paramref name="step"/> does is told: logs for machines say of each line which step it is of.</summary>
    IProgressSink For(Step step) => this;
}

/// <summary>A task under way; disposing it ends it.</summary>
public interface IProgressTask : IDisposable
{
    /// <summary>Another <paramref name="units"/> are done.</summary>
    void Advance(long units);

    /// <summary>Shows <paramref name="detail"/> beside the bar, such as the loss of the last epoch.</summary>
    void Describe(string detail);
}
