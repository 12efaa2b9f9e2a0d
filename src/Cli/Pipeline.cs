using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Cli.Commands;
using LmmRec.Encoders.Cards;
using LmmRec.Evaluate;
using LmmRec.Featurize;
using LmmRec.Ingest;
using LmmRec.Ingest.Matrices;
using LmmRec.Sample;
using LmmRec.Train;
using LmmRec.Train.Tuning;

namespace LmmRec.Cli;

/// <summary>A stage and the steps that it consists of. Steps are made when they are asked for, so a stage that runs alone needs only what is its own.</summary>
internal sealed record Stage(string Name, Func<IReadOnlyList<Step>> Steps)
{
    /// <summary>Refuses, before the first of the steps runs, what would else come to light after the last.</summary>
    public Action Check { get; init; } = () => { };
}

/// <summary>The stages of one configuration, wired to the folders of one workspace.</summary>
internal sealed record Pipeline(string Workspace, IReadOnlyList<Stage> Stages, string EvaluationFolder)
{
    /// <summary>Says what the ingest would read and fetch.</summary>
    public required Func<IProgressSink, CancellationToken, Task<IngestPlan>> PlanIngestAsync { get; init; }

    /// <summary>Wires the stages of a configuration.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static Pipeline From(EffectiveConfiguration effective, PipelineOptions options)
    {
        var configuration = effective.Options;
        var root = Path.Combine(configuration.Workspace, configuration.Dataset.FolderName);
        var (ingest, tuned, features, models, evaluation) = (Path.Combine(root, "ingest"), Path.Combine(root, "encoders"),
            Path.Combine(root, "features"), Path.Combine(root, "models"), Path.Combine(root, "evaluation"));
        var cardRoots = CardRoots(effective.File);

        var encoders = FeaturizeStage.Artifacts(configuration.Encoders, ingest, tuned, features, cardRoots);
        IReadOnlyList<FeatureSource> sources =
            [.. configuration.Encoders.SelectMany(encoder => encoder.Paradigms.Select(paradigm => SourceOf(encoder, paradigm))), .. encoders.Where(a => a.Control is not null).Select(Source)];
        IReadOnlyList<WantedMatrix> matrices = [.. configuration.Encoders.Where(e => e.Card is null).Select(e => new WantedMatrix(e.Name, e.File))];
        var train = TrainStage.Steps(configuration.Train, sources, ingest, models);
        return new Pipeline(configuration.Workspace,
            [
                new Stage("ingest", Ingest),
                new Stage("tune", () => TuneStage.Steps(ToTune(), ingest)),
                new Stage("featurize", Featurize),
                new Stage("train", () => train)
                {
                    Check = () =>
                    {
                        TrainStage.Check(configuration.Train, sources);
                        EvaluateStage.Check(configuration.Evaluate, ingest);
                    },
                },
                new Stage("evaluate", () => EvaluateStage.Steps(
                    configuration.Evaluate, configuration.Dataset.FolderName, ingest, train.ToDictionary(step => Path.GetFileName(step.Folder), step => step.Folder), evaluation)),
            ],
            evaluation)
        {
            PlanIngestAsync = (progress, cancellation) =>
            {
                _ = Ingest(); // refuses what it would refuse
                return IngestStage.PlanAsync(
                    configuration.Dataset, configuration.Ingest, options.Data ?? ".", ingest, matrices, Shop, options.Again, progress, TimeProvider.System, cancellation);
            },
        };

        // An encoder that is trained end to end begins with the features of the pre-trained one.
        FeatureSource SourceOf(EncoderConfiguration encoder, Paradigm paradigm)
        {
            var artifact = encoders.First(a => a.Encoder == encoder.Name && a.Paradigm == ConfigurationBinder.NameOf(FeaturizeStage.FeaturesOf(paradigm)));
            return Source(artifact) with
            {
                Paradigm = ConfigurationBinder.NameOf(paradigm),
                Card = paradigm == Paradigm.Ete ? CardFolder.Find(encoder.Card!, cardRoots) : null,
            };
        }

        static FeatureSource Source(FeaturesArtifact artifact) =>
            new(artifact.Encoder, artifact.Paradigm, artifact.Step.Folder, artifact.Visual, artifact.Textual) { Control = artifact.Control, ControlOf = artifact.ControlOf };

        IReadOnlyList<TunedEncoder> ToTune()
        {
            if (options.Card is not { } card) return [.. configuration.Encoders.Where(e => e.Paradigms.Contains(Paradigm.Ft)).Select(e => Tuned(e, CardFolder.Find(e.Card!, cardRoots)!))];
            if (configuration.Encoders.FirstOrDefault(e => e.Name == card && e.Card is not null) is { } named) return [Tuned(named, CardFolder.Find(named.Card!, cardRoots)!)];
            var folder = ModelsCommand.Folder(card);
            return [Tuned(new EncoderConfiguration { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) }, folder)];
        }

        TunedEncoder Tuned(EncoderConfiguration encoder, string folder) => new(encoder.Name, folder, encoder.Tune, Path.Combine(tuned, encoder.FolderOf(Paradigm.Ft)));

        IReadOnlyList<Step> Featurize()
        {
            if (options.Shard is not { } part) return [.. encoders.Select(artifact => options.Merges ? artifact.Merge : artifact.Step)];
            IReadOnlyList<Step> parts = [.. encoders.Select(artifact => artifact.PartStep?.Invoke(part)).OfType<Step>()];
            return parts.Count > 0 ? parts
                : throw new ConfigurationException(["--shard: is not used, since no encoder has a card and a matrix is copied as a whole; leave it out"]);
        }

        IReadOnlyList<Step> Ingest()
        {
            if (options.Again != AskAgain.Nothing && effective.Unused.FirstOrDefault(unused => unused.Key == "ingest.images").Why is { } why)
                throw new ConfigurationException([$"{(options.Again == AskAgain.Everything ? "--refresh" : "--retry-failed")}: is not used: {why}"]);
            if (options.Data is not null && configuration.Dataset.Source == DatasetSource.Sample)
                throw new ConfigurationException([
                    $"--data {options.Data}: is not used, since the configuration{(effective.File is null ? "" : $" {effective.File}")} reads no files; leave it out, or name in dataset.source what your files are"]);
            return IngestStage.Steps(configuration.Dataset, configuration.Ingest, options.Data ?? ".", ingest, matrices, Shop, options.Again);
        }
    }

    private static EmbeddedShop Shop => new(SampleShop.Category, SampleShop.Version, async (seed, cancellation) =>
    {
        var shop = await SampleShop.StartAsync(seed, port: 0, cancellation);
        return new OpenShop(shop.Endpoint, shop);
    });

    // A card is looked for beside the configuration first, then among those that come with lmmrec.
    private static IReadOnlyList<string> CardRoots(string? configuration) =>
        [Path.GetDirectoryName(Path.GetFullPath(configuration ?? EffectiveConfiguration.DefaultFile))!, AppContext.BaseDirectory];
}
