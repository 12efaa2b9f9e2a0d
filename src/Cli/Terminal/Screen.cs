using LmmRec.Artifacts.Steps;
using Spectre.Console;

namespace LmmRec.Cli.Terminal;

/// <summary>Standard output and standard error: as consoles, each of which knows for itself whether it is a terminal, or standard error as a log for machines.</summary>
internal static class Screen
{
    private const int WidthOfLogs = 160;

    public static IAnsiConsole Output { get; } = For(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = For(Console.Error, Console.IsErrorRedirected);

    /// <summary>What standard error is written as; null: as text.</summary>
    public static JsonLog? Log { get; private set; }

    /// <summary>Where it is said what went wrong.</summary>
    public static TextWriter Faults => Log?.Faults ?? Console.Error;

    /// <summary>From now on standard error gets JSON alone.</summary>
    public static void LogAsJson(TimeProvider clock)
    {
        Log = new JsonLog(Console.Error, clock);
        Console.SetError(Log.Notes);
    }

    /// <summary>Runs <paramref name="work"/> and shows on standard error how far it is.</summary>
    public static Task<T> ShowAsync<T>(TimeProvider clock, Func<IProgressSink, Task<T>> work) => Log is { } log ? work(log.Progress) : LiveProgress.ShowAsync(Error, Console.Error, clock, work);

    // The runtime asks standard input or output how wide the terminal is, never standard error.
    private static bool HasKnownWidth => !Console.IsInputRedirected || !Console.IsOutputRedirected;

    private static IAnsiConsole For(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected || !HasKnownWidth ? InteractionSupport.No : InteractionSupport.Yes,
        });
        if (redirected) console.Profile.Width = WidthOfLogs; // a log has no width of its own; 80 would wrap case names
        return console;
    }
}
