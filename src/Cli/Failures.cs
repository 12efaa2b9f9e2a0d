using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Terminal;
using LmmRec.Graphs;
using LmmRec.Runs;

namespace LmmRec.Cli;

/// <summary>Turns an exception into the lines that the user sees and an exit code.</summary>
internal static class Failures
{
    /// <param name="exception">what ended the command</param>
    /// <param name="output">gets the lines</param>
    /// <param name="ranSteps">whether the command runs steps, so that what it finished stays</param>
    public static async Task<int> ReportAsync(Exception exception, TextWriter output, bool ranSteps)
    {
        var (code, lines) = Describe(exception, ranSteps);
        await WriteAsync(lines, output);
        return code;
    }

    /// <summary>Lists the steps that failed while others went on. Where one fault left nothing to show, that is all that is said.</summary>
    /// <param name="outcomes">how all steps ended</param>
    /// <param name="output">gets the lines</param>
    /// <param name="code">the command's exit code</param>
    public static async Task<int> ReportAsync(IReadOnlyList<StepOutcome> outcomes, TextWriter output, int code)
    {
        var faults = outcomes.Where(outcome => outcome.Failure?.Exception is not null).GroupBy(outcome => outcome.Failure!.Message)
            .Select(group => (Steps: group.Select(outcome => outcome.Name).ToList(), Describe(group.First().Failure!.Exception!, ranSteps: true).Lines)).ToList();
        if (faults.Count == 1 && code == ExitCode.Failed)
        {
            await WriteAsync(faults[0].Lines, output);
            return code;
        }
        await WriteAsync(
            [
                $"of {outcomes.Count} steps {faults.Sum(fault => fault.Steps.Count)} failed:",
                .. faults.SelectMany(fault => fault.Lines.Select((line, n) => n == 0 ? $"  {string.Join(", ", fault.Steps)}: {line}" : $"  {line}")),
                .. outcomes.Where(outcome => outcome.Failure is { Exception: null }).GroupBy(outcome => outcome.Failure!.Message)
                    .Select(group => $"  {string.Join(", ", group.Select(outcome => outcome.Name))}: {group.Key}"),
                "what is done stays; run the same command again when this is mended",
            ],
            output);
        return code;
    }

    /// <summary>How a run ended that an exception ended.</summary>
    public static RunOutcome OutcomeOf(Exception exception)
    {
        var (code, lines) = Describe(exception, ranSteps: true);
        return new RunOutcome(code, lines.First());
    }

    /// <summary>Why a run ended as it did, in a sentence.</summary>
    public static string ReasonOf(IReadOnlyList<StepOutcome> outcomes)
    {
        var failed = outcomes.Where(outcome => outcome.Failure?.Exception is not null).ToList();
        if (failed.Count > 0) return $"{string.Join(", ", failed.Select(outcome => outcome.Name))} failed, the first since: {failed[0].Failure!.Message}";
        return outcomes.FirstOrDefault(outcome => outcome.TooManyFailed is not null) is { } tooMany ? $"{tooMany.Name}: {tooMany.TooManyFailed}" : "all is done";
    }

    /// <summary>The kind of fault that made a step fail while others go on; null: one that none would get past, such as a full disk.</summary>
    public static string? CauseOf(Exception exception) => exception switch
    {
        ConfigurationException or NewerVersionException or DeviceUnavailableException or StageInUseException or OperationCanceledException => null,
        IOException e when e.IsFullDisk() => null,
        ArgumentOutOfRangeException e when IsFileTooLarge(e) => null,
        InvalidInputException => "input",
        GraphException => "graph",
        OutOfMemoryException => "memory",
        IOException or UnauthorizedAccessException => "files",
        _ => "lmmrec",
    };

    // What .NET makes of EFBIG.
    private static bool IsFileTooLarge(ArgumentOutOfRangeException exception) => exception.Message.StartsWith("Specified file length", StringComparison.Ordinal);

    private static async Task WriteAsync(IEnumerable<string> lines, TextWriter output)
    {
        try
        {
            foreach (var line in lines) await output.WriteLineAsync(Printable.Of(line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody listens to standard error, or it is closed; the exit code still says it.
        }
    }

    private static (int Code, IEnumerable<string> Lines) Describe(Exception exception, bool ranSteps) => exception.Unwrapped() switch
    {
        ConfigurationException e => (ExitCode.BadConfiguration, e.Faults),
        InvalidInputException e => (ExitCode.Failed, [e.Message]),
        TooMuchToRedoException e => (ExitCode.TooMuchToRedo, [e.Message]),
        DeviceUnavailableException e => (ExitCode.DeviceNotAvailable, [e.Message]),
        StageInUseException e => (ExitCode.InUse, [e.Message]),
        GraphException e => (ExitCode.Failed, [e.Message]),
        OperationCanceledException => (ExitCode.Interrupted, [ranSteps ? "interrupted; finished steps stay, the same command goes on after them" : "interrupted"]),
        IOException e => (ExitCode.Failed, [$"cannot read or write: {e.Message.TrimEnd('.')}{(ranSteps ? "; finished steps stay, run the same command again when this is mended" : "")}"]),
        ArgumentOutOfRangeException e when IsFileTooLarge(e) => (ExitCode.Failed,
            [$"cannot write: a file would be larger than the file system or 'ulimit -f' allows; write to another file system, or raise the limit{(ranSteps ? "; finished steps stay, run the same command again then" : "")}"]),
        UnauthorizedAccessException e => (ExitCode.Failed, [$"not allowed: {e.Message}"]),
        _ => (ExitCode.Failed, ["this is a fault of lmmrec; please report it with the lines below", exception.ToString()]),
    };
}
