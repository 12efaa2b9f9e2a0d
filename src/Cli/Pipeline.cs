using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Commands;
using LmmRec.Cli.Terminal;
using LmmRec.Evaluate;
using LmmRec.Ingest;

namespace LmmRec.Cli;

/// <summary>A stage, of all data sets.</summary>
internal sealed record Stage(string Name, IReadOnlyList<StagePart> Parts)
{
    /// <summary>The steps that it consists of.</summary>
    public IReadOnlyList<Step> Steps() => [.. Parts.SelectMany(part => part.Steps()).Select(step => step with { Stage = Name })];
}

/// <summary>The steps of one data set in a stage, or of all together.</summary>
internal sealed record StagePart(string Name, Func<IReadOnlyList<Step>> Steps);

/// <summary>The stages of one configuration, wired to the folders of one workspace.</summary>
/// <param name="Workspace">its folder</param>
/// <param name="Datasets">the data sets</param>
/// <param name="Stages">in the order in which they run</param>
/// <param name="ReportFolder">folder of the report over all data sets</param>
/// <param name="Warnings">what of the configuration's file is not used, as far as only the wiring can tell; a line each</param>
internal sealed record Pipeline(string Workspace, IReadOnlyList<DatasetPipeline> Datasets, IReadOnlyList<Stage> Stages, string ReportFolder, IReadOnlyList<string> Warnings)
{
    /// <summary>Wires the stages of a configuration.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static Pipeline From(EffectiveConfiguration effective, PipelineOptions options)
    {
        var configuration = effective.Options;
        IReadOnlyList<DatasetPipeline> datasets = [.. configuration.Datasets.Select(dataset => new DatasetPipeline(effective, dataset, options))];
        var report = Path.Combine(configuration.Workspace, WorkspaceFolders.Report);
        var matched = datasets.SelectMany(dataset => dataset.Matched).ToHashSet();
        var (faults, warnings) = effective.Layers.Judge(
            [.. configuration.Experiment.Exclude.Index().Where(exclusion => !matched.Contains(exclusion.Index)).Select(exclusion => ($"experiment.exclude.{exclusion.Index}", "no case agrees with it"))]);
        return faults.Count > 0 ? throw new ConfigurationException(faults) : new Pipeline(configuration.Workspace, datasets,
            [
                Of("ingest", dataset =>
                {
                    CheckIngest(effective, options);
                    return dataset.Ingest();
                }),
                Of("tune", dataset => dataset.Tune()),
                Of("featurize", dataset => dataset.Featurize()),
                Of("train", dataset => dataset.Train()),
                Of("evaluate", dataset =>
                {
                    if (options.Rankings.Count > 0 && datasets.Count > 1)
                        throw new ConfigurationException([$"--rankings: the lists are of one shop's users, and the configuration has {datasets.Count} data sets; measure them by a configuration with that one alone"]);
                    return dataset.Evaluate();
                }, new StagePart("report", () => [EvaluateStage.Report(configuration.Evaluate, [.. datasets.Select(dataset => dataset.Evaluated)], report)])),
            ],
            report, warnings);

        Stage Of(string name, Func<DatasetPipeline, IReadOnlyList<Step>> steps, params IEnumerable<StagePart> more) => new(name,
            [.. datasets.Select(dataset => datasets.Count == 1 ? new StagePart(name, () => steps(dataset))
                : new StagePart($"{dataset.Name}/{name}", () => [.. steps(dataset).Select(step => step with { Dataset = dataset.Name })])), .. more]);
    }

    /// <summary>The same, and says the warnings.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static async Task<Pipeline> WireAsync(EffectiveConfiguration effective, PipelineOptions options)
    {
        var pipeline = From(effective, options);
        foreach (var warning in pipeline.Warnings) await Console.Error.WriteLineAsync(Printable.Of($"warning: {warning}"));
        return pipeline;
    }

    /// <summary>Refuses options of the command line that no data set uses.</summary>
    /// <exception cref="ConfigurationException">Names the option.</exception>
    public static void CheckIngest(EffectiveConfiguration effective, PipelineOptions options)
    {
        var without = effective.Options.DatasetKeys("ingest.images").Select(key => effective.Unused.FirstOrDefault(unused => unused.Key == key).Why).ToList();
        if (options.Again != AskAgain.Nothing && without.TrueForAll(why => why is not null))
            throw new ConfigurationException([$"{(options.Again == AskAgain.Everything ? "--refresh" : "--retry-failed")}: is not used: {without[0]}"]);
        if (options.Data is not null && effective.IsSample)
            throw new ConfigurationException([
                $"--data {options.Data}: is not used, since the configuration{(effective.File is null ? "" : $" {effective.File}")} reads no files; leave it out, or name in dataset.source what your files are"]);
    }
}
