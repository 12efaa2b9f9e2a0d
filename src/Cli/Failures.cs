using LmmRec.Artifacts;
using LmmRec.Cli.Terminal;
using LmmRec.Graphs;

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
        try
        {
            foreach (var line in lines) await output.WriteLineAsync(Printable.Of(line));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody listens to standard error, or it is closed; the exit code still says it.
        }
        return code;
    }

    private static (int Code, IEnumerable<string> Lines) Describe(Exception exception, bool ranSteps) => exception switch
    {
        ConfigurationException e => (ExitCode.BadConfiguration, e.Faults),
        InvalidInputException e => (ExitCode.Failed, [e.Message]),
        DeviceUnavailableException e => (ExitCode.DeviceNotAvailable, [e.Message]),
        WorkspaceInUseException e => (ExitCode.WorkspaceInUse, [e.Message]),
        GraphException e => (ExitCode.Failed, [e.Message]),
        OperationCanceledException => (ExitCode.Interrupted, [ranSteps ? "interrupted; finished steps stay, the same command goes on after them" : "interrupted"]),
        IOException e => (ExitCode.Failed, [$"cannot read or write: {e.Message.TrimEnd('.')}{(ranSteps ? "; finished steps stay, run the same command again when this is mended" : "")}"]),
        // What .NET makes of EFBIG.
        ArgumentOutOfRangeException e when e.Message.StartsWith("Specified file length", StringComparison.Ordinal) => (ExitCode.Failed,
            [$"cannot write: a file would be larger than the file system or 'ulimit -f' allows; write to another file system, or raise the limit{(ranSteps ? "; finished steps stay, run the same command again then" : "")}"]),
        UnauthorizedAccessException e => (ExitCode.Failed, [$"not allowed: {e.Message}"]),
        _ => (ExitCode.Failed, ["this is a fault of lmmrec; please report it with the lines below", exception.ToString()]),
    };
}
