using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Cli.Commands;

namespace LmmRec.Cli;

/// <summary>The <c>lmmrec</c> command: its verbs, and what their ends mean as exit codes.</summary>
internal static class CommandLine
{
    private const string ExitCodes =
        "Exit codes: 0 done, 1 failed, 2 bad configuration or arguments, 3 done, but some steps or too many items failed, 4 device not available, 5 in use by another process, 6 more to redo than the guard allows, 130 interrupted.";

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand($"""
            Multi-modal recommendation as a pipeline: ingest → featurize → train → evaluate.
            Without a configuration it makes a small sample shop and runs on that; no network is needed.
            {ExitCodes}
            """);
        foreach (var command in PipelineCommands.All()) root.Add(command);
        foreach (var command in RunsCommands.All()) root.Add(command);
        root.Add(InitCommand.Create());
        root.Add(SchemaCommand.Create());
        root.Add(ExperimentsCommand.Create());
        root.Add(ExportCommand.Create());
        foreach (var command in RemoteCommands.All()) root.Add(command);
        root.Add(ModelsCommand.Create());
        root.Add(SampleCommand.Create());

        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @name is a name like any other
        var faults = ArgumentFaults.Of(parsed);
        if (faults.Count > 0) return await Failures.ReportAsync(new ConfigurationException(faults), Console.Error, ranSteps: false);

        // Ctrl-C cancels; a step ends at its next batch, so it is given time before the process is ended by force.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
        try
        {
            return await parsed.InvokeAsync(invocation);
        }
        catch (Exception e)
        {
            return await Failures.ReportAsync(e, Console.Error, PipelineCommands.RunsSteps(parsed.CommandResult.Command));
        }
    }
}
