using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
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

/// <summary>The stages of one data set, wired to its folders below the workspace. Steps are made when they are asked for, so a stage that runs alone needs only what is its own.</summary>
internal sealed class DatasetPipeline
{
    private readonly PipelineConfiguration _configuration;
    private readonly PipelineOptions _options;
    private readonly ExperimentDataset _dataset;
    private readonly IReadOnlyList<string> _cardRoots;
    private readonly IReadOnlyList<FeaturesArtifact> _features;
    private readonly IReadOnlyList<TrainCase> _cases;
    private readonly HashSet<string> _excluded; // folders of the features that only cases that are left out would use

    /// <summary>Wires the data set <paramref name="dataset"/> of a configuration.</summary>
    /// <param name="effective">the configuration</param>
    /// <param name="dataset">one of its data sets</param>
    /// <param name="options">what the user gave beside it</param>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public DatasetPipeline(EffectiveConfiguration effective, ExperimentDataset dataset, PipelineOptions options)
    {
        (_configuration, _options, _dataset) = (effective.Options, options, dataset);
        Name = dataset.Dataset.FolderName;
        // A card is looked for beside the configuration first, then among those that come with lmmrec.
        _cardRoots = [Path.GetDirectoryName(Path.GetFullPath(effective.File ?? EffectiveConfiguration.DefaultFile))!, AppContext.BaseDirectory];
        _features = FeaturizeStage.Artifacts(_configuration.Encoders, IngestFolder, Below("encoders"), Below("features"), _cardRoots);

        (_cases, var leftOut) = TrainCase.Parted(
            _configuration.Train,
            [.. _configuration.Encoders.SelectMany(encoder => encoder.Paradigms.Select(paradigm => SourceOf(encoder, paradigm))), .. _features.Where(a => a.Control is not null).Select(Source)],
            trainCase => _configuration.Experiment.Exclude.Any(exclusion => exclusion.Fits(Name, trainCase)));
        Matched = [.. _configuration.Experiment.Exclude.Index().Where(exclusion => leftOut.Any(trainCase => exclusion.Item.Fits(Name, trainCase))).Select(exclusion => exclusion.Index)];
        if (_cases.Count == 0) throw new ConfigurationException([$"experiment.exclude: leaves no case of data set '{Name}'; leave fewer out, or take the data set out of the configuration"]);
        _excluded = [.. leftOut.SelectMany(FeatureFolders).Except(_cases.SelectMany(FeatureFolders))];
        // A control is made of the features that it stands in for.
        foreach (var control in _features.Where(a => a.Control is not null && !_excluded.Contains(a.Step.Folder))) _excluded.ExceptWith(control.Step.Inputs.Values);
    }

    /// <summary>The data set's name, which is that of its folder.</summary>
    public string Name { get; }

    /// <summary>Which entries of <c>experiment.exclude</c> leave a case of it out.</summary>
    public IReadOnlyList<int> Matched { get; }

    /// <summary>What evaluate measures. Who brings lists of another program need not have trained all that the configuration names.</summary>
    public EvaluatedDataSet Evaluated => new(Name, Path.Combine(_configuration.Workspace, Name),
        _cases.Select(c => (c.Name, Folder: Path.Combine(Below("models"), c.Name)))
            .Where(model => _options.Rankings.Count == 0 || Manifest.TryRead(model.Folder) is not null).ToDictionary(model => model.Name, model => model.Folder))
    {
        Rankings = _options.Rankings,
        Features = Wanted.Where(artifact => artifact.Control is null).ToDictionary(artifact => Path.GetFileName(artifact.Step.Folder), artifact => artifact.Step.Folder),
        Upstream = Wanted.Where(artifact => artifact.Control is not null).Select(artifact => (Kind: "features", artifact.Step.Folder))
            .Concat(TunedEncoders.Select(encoder => (Kind: "encoders", Folder: TunedFolder(encoder)))).ToDictionary(artifact => $"{artifact.Kind}/{Path.GetFileName(artifact.Folder)}", artifact => artifact.Folder),
    };

    private string IngestFolder => Below("ingest");

    private string DataFolder => Path.Combine(_options.Data ?? ".", _dataset.Data ?? "");

    private IEnumerable<FeaturesArtifact> Wanted => _features.Where(artifact => !_excluded.Contains(artifact.Step.Folder));

    // The encoders of the configuration whose fine-tuned features are wanted.
    private IEnumerable<EncoderConfiguration> TunedEncoders => _configuration.Encoders.Where(e => e.Paradigms.Contains(Paradigm.Ft) && !_excluded.Contains(FeaturesOf(e, Paradigm.Ft).Step.Folder));

    private IReadOnlyList<WantedMatrix> Matrices => [.. _configuration.Encoders.Where(e => e.Card is null).Select(e => new WantedMatrix(e.Name, e.File))];

    private static EmbeddedShop Shop => new(SampleShop.Category, SampleShop.Version, async (seed, cancellation) =>
    {
        var shop = await SampleShop.StartAsync(seed, port: 0, cancellation);
        return new OpenShop(shop.Endpoint, shop);
    });

    public IReadOnlyList<Step> Ingest() => IngestStage.Steps(_dataset.Dataset, _dataset.Ingest, DataFolder, IngestFolder, Matrices, Shop, _options.Again, _options.Clock);

    /// <summary>Says what the ingest would read and fetch.</summary>
    public Task<IngestPlan> PlanIngestAsync(IProgressSink progress, CancellationToken cancellation) =>
        IngestStage.PlanAsync(_dataset.Dataset, _dataset.Ingest, DataFolder, IngestFolder, Matrices, Shop, _options.Again, progress, _options.Clock, cancellation);

    public IReadOnlyList<Step> Tune() => TuneStage.Steps(_options.Card is { } card ? [Tuned(card)] : [.. TunedEncoders.Select(e => Tuned(e, Card(e)))], IngestFolder);

    /// <summary>Says what the tuning of the one encoder that the user named would train, and on what.</summary>
    public Task<TuneOutlook> LookAtTuningAsync(CancellationToken cancellation) => TuneStage.OutlookAsync(Tuned(_options.Card!), IngestFolder, cancellation);

    public IReadOnlyList<Step> Featurize()
    {
        if (_options.Shard is not { } part) return [.. Wanted.Select(artifact => _options.Merges ? artifact.Merge : artifact.Step)];
        IReadOnlyList<Step> parts = [.. Wanted.Select(artifact => artifact.PartStep?.Invoke(part)).OfType<Step>()];
        return parts.Count > 0 ? parts
            : throw new ConfigurationException(["--shard: is not used, since no encoder has a card and a matrix is copied as a whole; leave it out"]);
    }

    public IReadOnlyList<Step> Train() =>
    [
        .. TrainStage.Steps(_configuration.Train, _cases, IngestFolder, Below("models"), _configuration.Experiment.Search).Select(step => step with
        {
            Check = () =>
            {
                step.Check();
                EvaluateStage.Check(_configuration.Evaluate, IngestFolder); // what could not be measured needs no training
            },
        }),
    ];

    public IReadOnlyList<Step> Evaluate() => EvaluateStage.Steps(_configuration.Evaluate, Evaluated);

    private TunedEncoder Tuned(string card)
    {
        if (_configuration.Encoders.FirstOrDefault(e => e.Name == card && e.Card is not null) is { } named) return Tuned(named, Card(named));
        var folder = ModelsCommand.Folder(card);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return _configuration.Encoders.FirstOrDefault(e => e.Name == name) is not { } other ? Tuned(new EncoderConfiguration { Name = name }, folder)
            : throw new ConfigurationException([$"'{card}': what is tuned would lie in the folder of the configuration's encoder '{name}', encoders/{other.FolderOf(Paradigm.Ft)}; tune that by its name, or rename one of them"]);
    }

    private TunedEncoder Tuned(EncoderConfiguration encoder, string folder) => new(encoder.Name, folder, encoder.Tune, TunedFolder(encoder));

    // An encoder that is trained end to end begins with the features of the pre-trained one.
    private FeatureSource SourceOf(EncoderConfiguration encoder, Paradigm paradigm)
    {
        return Source(FeaturesOf(encoder, FeaturizeStage.FeaturesOf(paradigm))) with
        {
            Paradigm = ConfigurationBinder.NameOf(paradigm),
            Card = paradigm == Paradigm.Ete ? Card(encoder) : null,
        };
    }

    private static FeatureSource Source(FeaturesArtifact artifact) =>
        new(artifact.Encoder, artifact.Paradigm, artifact.Step.Folder, artifact.Visual, artifact.Textual) { Control = artifact.Control, ControlOf = artifact.ControlOf };

    private FeaturesArtifact FeaturesOf(EncoderConfiguration encoder, Paradigm paradigm) => _features.First(a => a.Encoder == encoder.Name && a.Paradigm == ConfigurationBinder.NameOf(paradigm));

    private static IEnumerable<string> FeatureFolders(TrainCase trainCase) => new[] { trainCase.Features?.Visual?.Folder, trainCase.Features?.Textual?.Folder }.OfType<string>();

    private string Card(EncoderConfiguration encoder) => CardFolder.Find(encoder.Card!, _cardRoots)!;

    private string TunedFolder(EncoderConfiguration encoder) => Path.Combine(Below("encoders"), encoder.FolderOf(Paradigm.Ft));

    private string Below(string folder) => Path.Combine(_configuration.Workspace, Name, folder);
}
