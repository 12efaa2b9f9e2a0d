using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Estimates;
using LmmRec.Cli.Monitoring;
using LmmRec.Cli.Terminal;
using LmmRec.Ingest;

namespace LmmRec.Cli.Commands;

/// <summary>The verbs of the pipeline: all stages, one stage, what would run, and whether what is there is whole.</summary>
internal static class PipelineCommands
{
    /// <summary>All of them; those that run steps are watched by <paramref name="monitor"/>.</summary>
    public static IEnumerable<Command> All(RunMonitor monitor)
    {
        foreach (var command in Verbs(monitor))
        {
            foreach (var option in RunsSteps(command) ? MonitoringOptions.All : []) command.Add(option);
            yield return command;
        }
    }

    private static IEnumerable<Command> Verbs(RunMonitor monitor)
    {
        var (data, threads, device) = (PipelineOptions.DataOption, PipelineOptions.ThreadsOption, PipelineOptions.DeviceOption);
        var (refresh, retryFailed) = (PipelineOptions.RefreshOption, PipelineOptions.RetryFailedOption);
        var (sample, dropMissing) = (PipelineOptions.SampleOption, PipelineOptions.DropMissingImagesOption);
        yield return PipelineOptions.Command(
            "run", "Runs all stages: ingest, tune, featurize, train, evaluate. Skips what is done; ends with the table of results.",
            [data, threads, PipelineOptions.JobsOption, device, refresh, retryFailed, sample, dropMissing, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption,
                new DryRunOption("Says what would run, and how long, in how much memory and on how much disk. Needs no data, writes nothing.", "runs nothing", PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption)],
            (configuration, options, cancellation) => options.DryRun ? EstimateAsync(configuration, options, cancellation) : RunAsync("run", _ => true, monitor, configuration, options, cancellation));
        yield return PipelineOptions.Command(
            "ingest", "Reads the catalogue, the interactions and the pictures.", [data, refresh, retryFailed, sample, dropMissing, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption,
                new DryRunOption("Reads the tables and says what would be fetched from whom, and how long that takes at the least. Fetches no picture, writes nothing.", "fetches nothing", refresh, retryFailed, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption)],
            (configuration, options, cancellation) => options.DryRun ? PlanAsync(configuration, options, cancellation) : RunAsync("ingest", Only("ingest"), monitor, configuration, options, cancellation));
        yield return PipelineOptions.Command(
            "tune", "Tunes one encoder on the catalogue's pairs of picture and text.", [PipelineOptions.CardArgument, threads, device, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption,
                new DryRunOption("Says what would be trained of each block, on how many pairs, and how much disk a kept prefix takes. Writes nothing.", "runs nothing", threads, device, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption)],
            (configuration, options, cancellation) => options.DryRun ? OutlookAsync(configuration, options, cancellation) : RunAsync("tune", Only("tune"), monitor, configuration, options, cancellation));
        yield return Running("featurize", "Encodes pictures and texts to vectors.", Only("featurize"), monitor, threads, device, PipelineOptions.ShardOption, PipelineOptions.MergeOption);
        yield return Running("train", "Trains the recommenders.", Only("train"), monitor, threads, PipelineOptions.JobsOption, device);
        yield return Running("evaluate", "Measures and compares the recommenders; writes the report.", Only("evaluate"), monitor, threads, PipelineOptions.RankingsOption);
        yield return PipelineOptions.Command("status", "Says per step what is done, what would run, and why. Changes nothing.", [data, device, sample, dropMissing], StatusAsync);
        yield return PipelineOptions.Command("verify", "Recomputes the hash of every file of every artifact in the workspace and names the bad ones.", [],
            (EffectiveConfiguration configuration, PipelineOptions _, CancellationToken cancellation) => WorkspaceVerification.RunAsync(configuration.Options.Workspace, cancellation));
        yield return PipelineOptions.Command("config", "Prints the effective configuration, and where each value came from.", [], ShowAsync);
    }

    /// <summary>Whether a command runs steps: only these take a number of threads or ask for pictures again.</summary>
    public static bool RunsSteps(Command command) => command.Options.Contains(PipelineOptions.ThreadsOption) || command.Options.Contains(PipelineOptions.RefreshOption);

    private static Predicate<Stage> Only(string name) => stage => stage.Name == name;

    private static Command Running(string name, string description, Predicate<Stage> which, RunMonitor monitor, params Symbol[] own) =>
        PipelineOptions.Command(name, description, [.. own, PipelineOptions.AllowFullOption, PipelineOptions.IfLockedOption, PipelineOptions.ResumeOption], (configuration, options, cancellation) => RunAsync(name, which, monitor, configuration, options, cancellation));

    private static Task<int> RunAsync(string name, Predicate<Stage> which, RunMonitor monitor, EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation) =>
        new PipelineRun(name, which, configuration, options, monitor).RunAsync(cancellation);

    private static async Task<int> PlanAsync(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var pipeline = await Pipeline.WireAsync(configuration, options);
        Pipeline.CheckIngest(configuration, options); // refuses what a run would refuse
        foreach (var dataset in pipeline.Datasets)
        {
            var plan = await Screen.ShowAsync(options.Clock, progress => dataset.PlanIngestAsync(progress, cancellation));
            if (pipeline.Datasets.Count > 1) await Console.Out.WriteLineAsync($"{dataset.Name}:");
            await ShowAsync(plan);
        }
        return ExitCode.Done;
    }

    private static async Task<int> OutlookAsync(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var pipeline = await Pipeline.WireAsync(configuration, options);
        foreach (var dataset in pipeline.Datasets)
        {
            if (pipeline.Datasets.Count > 1) await Console.Out.WriteLineAsync($"{dataset.Name}:");
            await TuningOutlook.ShowAsync(await dataset.LookAtTuningAsync(cancellation));
        }
        return ExitCode.Done;
    }

    private static async Task ShowAsync(IngestPlan plan)
    {
        await Console.Out.WriteLineAsync($"interactions: {plan.Interactions}, users: {plan.Users}, items: {plan.Items}");
        await Console.Out.WriteLineAsync($"pictures: {plan.Hosts.Sum(h => h.Value)} to fetch, {plan.Files} files here, {plan.WithoutAddress} items without an address");
        if (plan.Hosts.Count == 0) return;
        Listing.OfNumbers(["host", "pictures", "minutes"], [.. plan.Hosts.Select(h => (IReadOnlyList<string>)[h.Key, Number(h.Value), Minutes(h.Value)])]);
        await Console.Out.WriteLineAsync(double.IsInfinity(plan.RequestsPerSecond)
            ? "the sample shop is lmmrec's own and is asked without a pause"
            : $"at least {Minutes(plan.Hosts[0].Value)} minutes: hosts are asked at the same time, each for {Number(plan.RequestsPerSecond)} pictures a second (ingest.images.perHost.requestsPerSecond)");

        string Minutes(int pictures) => plan.Minutes(pictures).ToString("0.0", CultureInfo.InvariantCulture);
        static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<int> StatusAsync(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        var pipeline = await Pipeline.WireAsync(configuration, options);
        var lines = await StepLine.AllAsync(pipeline.Stages, new KeptArtifacts(pipeline.Workspace), options.Device, configuration.Options.Cuda, cancellation);
        Listing.OfTexts(["step", "state", "took", "why"], [.. lines.Select(line => (IReadOnlyList<string>)[line.Name, line.State, Took(line), line.Why])]);
        await Console.Out.WriteLineAsync(StepLine.InStages(lines));
        return ExitCode.Done;

        static string Took(StepLine line) => line.LastSeconds is { } seconds ? Estimate.Time(seconds) : "";
    }

    private static async Task<int> EstimateAsync(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        await DryRun.ShowAsync(await Pipeline.WireAsync(configuration, options), configuration.Options, options, cancellation);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(EffectiveConfiguration configuration, PipelineOptions options, CancellationToken cancellation)
    {
        foreach (var line in ConfigurationListing.Of(configuration)) await Console.Out.WriteLineAsync(line);
        foreach (var dataset in (await Pipeline.WireAsync(configuration, options)).Datasets) _ = dataset.Tune(); // refuses an encoder that cannot be tuned
        return ExitCode.Done;
    }
}
