using LmmRec.Artifacts.Steps;

namespace LmmRec.Evaluate.Report;

/// <summary>A step that failed, with those that were not run for it.</summary>
/// <param name="Step">the step; where nothing tells any more of the one that failed, the first of those that were not run</param>
/// <param name="Others">names of the others that were not run for the same reason</param>
internal sealed record FailedGroup(FailedStep Step, IReadOnlyList<string> Others)
{
    private const int MostNames = 25;

    /// <summary>Such as <c>2 others were not run for it: train/bpr-s1, evaluate/bpr-s1</c>; empty where there are none.</summary>
    public string Sentence => Others.Count == 0 ? ""
        : $"{(Others.Count == 1 ? "1 other was" : $"{Others.Count} others were")} not run for it: {string.Join(", ", Others.Take(MostNames))}{(Others.Count > MostNames ? ", …" : "")}";

    /// <summary>Each reason once: those that failed, then those whose reason is told of nowhere else.</summary>
    public static IReadOnlyList<FailedGroup> Of(IReadOnlyList<FailedStep> all)
    {
        var notRun = all.Where(step => step.Cause == FailedStep.NotRun).ToLookup(step => step.Message);
        var failed = all.Where(step => step.Cause != FailedStep.NotRun).ToList();
        var told = failed.Select(step => FailedStep.Since(step.Step)).ToHashSet();
        return
        [
            .. failed.Select(step => new FailedGroup(step, [.. notRun[FailedStep.Since(step.Step)].Select(other => other.Step)])),
            .. notRun.Where(group => !told.Contains(group.Key)).Select(group => new FailedGroup(group.First(), [.. group.Skip(1).Select(other => other.Step)])),
        ];
    }
}
