using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Cli.Commands;
using LmmRec.Cli.Monitoring;
using LmmRec.Cli.Terminal;
using LmmRec.Runs;

namespace LmmRec.Cli;

/// <summary>The <c>lmmrec</c> command: its verbs, and what their ends mean as exit codes.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var monitor = new RunMonitor();
        var root = new RootCommand($"""
            Multi-modal recommendation as a pipeline: ingest → featurize → train → evaluate.
            Without a configuration it makes a small sample shop and runs on that; no network is needed.
            {ExitCode.All}
            """);
        foreach (var command in PipelineCommands.All(monitor)) root.Add(command);
        foreach (var command in RunsCommands.All()) root.Add(command);
        root.Add(InitCommand.Create());
        root.Add(SchemaCommand.Create());
        root.Add(ExperimentsCommand.Create());
        root.Add(ExportCommand.Create());
        foreach (var command in RemoteCommands.All()) root.Add(command);
        root.Add(ModelsCommand.Create());
        root.Add(SampleCommand.Create());

        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @name is a name like any other
        var runsSteps = PipelineCommands.RunsSteps(parsed.CommandResult.Command);
        if (runsSteps) monitor.Open(parsed);

        // Ctrl-C cancels; a step ends at its next batch, so it is given time before the process is ended by force.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
        var (code, thrown) = (ExitCode.Done, (RunOutcome?)null);
        try
        {
            var faults = ArgumentFaults.Of(parsed);
            code = faults.Count > 0 ? throw new ConfigurationException(faults) : await parsed.InvokeAsync(invocation);
        }
        catch (Exception e)
        {
            code = await Failures.ReportAsync(e, Screen.Faults, runsSteps);
            thrown = Failures.OutcomeOf(e);
        }
        if (runsSteps) monitor.Close(code, thrown);
        return code;
    }
}
