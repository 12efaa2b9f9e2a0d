using System.Globalization;
using LmmRec.Artifacts.Steps;
using LmmRec.Graphs;

namespace LmmRec.Cli.Estimates;

/// <summary>
/// Tells what steps will take: by the most like one of those that ran in this workspace or, where there is none, by what their graphs compute and
/// how fast this machine is.
/// </summary>
/// <param name="workspace">folder of all artifacts</param>
/// <param name="published">sizes of data sets that are not here yet, by the folder of their ingest artifact</param>
/// <param name="runtime">where graphs are to run</param>
internal sealed class Estimator(string workspace, IReadOnlyDictionary<string, DatasetSize> published, RuntimeOptions runtime)
{
    // Of what it reaches on a large product: a step has small ones too, and reads and writes files.
    private const double Reached = 0.8;

    // .NET and ONNX Runtime themselves.
    private const double Process = 250e6;

    private readonly IReadOnlyList<FinishedStep> _finished = FinishedStep.Below(workspace);

    private readonly Lazy<MachineRate> _rate = new(() => MachineRate.Measure(runtime));

    /// <summary>What <paramref name="step"/> will take.</summary>
    public Estimate Of(Step step)
    {
        var ingest = FinishedStep.IngestOf(step.Folder, workspace);
        var here = FinishedStep.SizeIn(ingest);
        var size = here ?? published.GetValueOrDefault(ingest);
        if (new Likeness(step, size).Best(_finished) is var (like, times))
            return new Estimate(like.Seconds * times, like.Memory, like.Disk * Share(size, like.Size), $"as {like.Name}, which took {Estimate.Time(like.Seconds)}{(Math.Abs(times - 1) < 0.005 ? "" : Invariant($", × {times:0.##}"))}");
        if (size is null) return Unknown(step.Inputs.Count > 0 ? "not known until ingest has run" : "not known until it has run once");
        if (step.Work(size) is not { } work) return Unknown("not known until one like it has run");
        var seconds = work.MultiplyAdds / (_rate.Value.MultiplyAdds * Reached) + work.BytesMoved / _rate.Value.Bytes;
        return new Estimate(seconds, Process + work.Memory, work.Disk, Invariant(
            $"{work.What}{(here is null ? " by the published size" : "")}: {Operations(2 * work.MultiplyAdds)} at {2 * _rate.Value.MultiplyAdds * Reached / 1e9:0} GFLOP/s"));

        static Estimate Unknown(string why) => new(null, null, null, why);
    }

    // Files of a data set grow with its users and items.
    private static double Share(DatasetSize? size, DatasetSize? other) => size is null || other is null ? 1 : (size.Users + size.Items) / (double)(other.Users + other.Items);

    private static string Operations(double count) => count < 1e12 ? Invariant($"{count / 1e9:0.0} GFLOP") : Invariant($"{count / 1e12:#,0.0} TFLOP");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
