using Spectre.Console;

namespace LmmRec.Cli.Terminal;

/// <summary>Standard output and standard error as consoles; each knows for itself whether it is a terminal.</summary>
internal static class Screen
{
    private const int WidthOfLogs = 160;

    public static IAnsiConsole Output { get; } = For(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = For(Console.Error, Console.IsErrorRedirected);

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
