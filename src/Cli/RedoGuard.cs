using System.Globalization;
using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Estimates;

namespace LmmRec.Cli;

/// <summary>A run would redo more of what is finished than <c>run.mostRedone</c> allows.</summary>
internal sealed class TooMuchToRedoException(string message) : Exception(message);

/// <summary>
/// Keeps a change that nobody meant, such as of an option or of an encoder's weights, from redoing nights of work. What new data bring about is never too much, and what
/// was not there before, or is taken back, is redone by nobody (docs/nightly.md#a-guard).
/// </summary>
internal static class RedoGuard
{
    /// <summary>Why the run is not allowed; null: it is.</summary>
    /// <param name="lines">its steps</param>
    /// <param name="most">the largest share, 0 to 1; null: no limit</param>
    public static string? Fault(IReadOnlyList<StepLine> lines, double? most)
    {
        var finished = lines.Where(line => line.LastSeconds is not null).ToList();
        var redone = finished.FindAll(line => !line.MakesNothing && Changes(line).Any());
        var (all, again) = (finished.Sum(line => line.LastSeconds!.Value), redone.Sum(line => line.LastSeconds!.Value));
        if (most is null || again <= most * all) return null;
        List<Cause> causes = [.. redone.SelectMany(Changes).Distinct()];
        return string.Create(CultureInfo.InvariantCulture,
            $"run.mostRedone: {redone.Count} of {finished.Count} finished steps would be redone, which took {Estimate.Time(again)} of {Estimate.Time(all)}: {again / all:P0}, and {most:P0} are allowed. ")
            + $"What changed: {Cause.Told(causes, "")}. Nothing was touched. Undo it, or run once with --allow-full";
    }

    private static IEnumerable<Cause> Changes(StepLine line) => line.Causes.Where(cause => cause.Reason.Kind is ReasonKind.Option or ReasonKind.Code or ReasonKind.Encoder);
}
