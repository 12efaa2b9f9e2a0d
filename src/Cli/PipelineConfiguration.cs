using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Evaluate;
using LmmRec.Featurize;
using LmmRec.Ingest;
using LmmRec.Train;
using LmmRec.Train.Recommenders;

namespace LmmRec.Cli;

/// <summary>A whole <c>pipeline.json</c>.</summary>
public sealed record PipelineConfiguration : IChecked
{
    public DatasetOptions Dataset { get; init; } = new();

    public IngestOptions Ingest { get; init; } = new();

    public IReadOnlyList<EncoderConfiguration> Encoders { get; init; } = [];

    public TrainOptions Train { get; init; } = new();

    public EvaluateOptions Evaluate { get; init; } = new();

    /// <summary>What the cases are, beside the lists of <see cref="Train"/>.</summary>
    public ExperimentOptions Experiment { get; init; } = new();

    /// <summary>How a card computes, for <c>--device cuda</c>.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>What a run may do.</summary>
    public RunOptions Run { get; init; } = new();

    /// <summary>Folder of the artifacts; default <c>artifacts</c>; <c>--workspace</c> overrides it.</summary>
    public string Workspace { get; init; } = "artifacts";

    /// <summary>The data sets: those of the experiment, or the one that the configuration itself names.</summary>
    [JsonIgnore]
    public IReadOnlyList<ExperimentDataset> Datasets => Experiment.Datasets.Count > 0 ? Experiment.Datasets : [new ExperimentDataset { Dataset = Dataset, Ingest = Ingest }];

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var name in Encoders.GroupBy(e => e.Name).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return ("encoders", $"two encoders are called '{name}'; names must differ");
        foreach (var folder in Encoders.SelectMany(e => e.Folders()).GroupBy(name => name).Where(g => g.Count() > 1 && Encoders.Count(e => e.Name == g.Key) == 1).Select(g => g.Key))
            yield return ("encoders", $"encoder '{folder}' and what another makes would both lie in the folder '{folder}'; give it another name");
        if (Workspace.Length == 0 || Workspace.Contains('\0', StringComparison.Ordinal)) yield return ("workspace", "must name a folder");
        foreach (var (i, dataset) in Datasets.Index())
            foreach (var (key, fault) in IngestStage.Faults(dataset.Dataset, dataset.Ingest)) yield return (KeyOf(i, key), fault);
        foreach (var (i, dataset) in Datasets.Index())
            if (WorkspaceFolders.All.TryGetValue(dataset.Dataset.FolderName, out var what))
                yield return (KeyOf(i, "dataset.name"), $"\"{dataset.Dataset.FolderName}\" is where {what} in the workspace; give the data set another name");
        foreach (var name in Datasets.GroupBy(dataset => dataset.Dataset.FolderName).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return ("experiment.datasets", $"two data sets would both lie in the folder '{name}'; give each a dataset.name of its own");
        if (Datasets.Any(dataset => dataset.Dataset.Source == DatasetSource.Sample))
            foreach (var (i, encoder) in Encoders.Index().Where(encoder => encoder.Item.Slot is not null))
                yield return ($"encoders.{i}.slot", "is for a matrix of yours, and dataset.source \"sample\" reads no files; "
                    + $"give encoder '{encoder.Name}' a card, or name in dataset.source what your data are");
        foreach (var (i, dataset) in Datasets.Index().Where(dataset => Train.WarmStart && dataset.Item.Ingest.Split is { Kind: SplitKind.Random } or { Cold: > 0 }))
            yield return ("train.warmStart", $"{KeyOf(i, "ingest.split")} draws anew what is held out when the data change, so that yesterday's model has learnt what today's is chosen and measured by; "
                + "part by time (kind \"user-time\", \"leave-one-out\" or \"global-time\", without cold), or switch it off");
        foreach (var (i, exclusion) in Experiment.Exclude.Index())
            foreach (var (key, fault) in exclusion.Unknown([.. Datasets.Select(dataset => dataset.Dataset.FolderName)], [.. Encoders.SelectMany(encoder => encoder.Controls.Select(encoder.NameOf).Prepend(encoder.Name))]))
                yield return ($"experiment.exclude.{i}.{key}", fault);
    }

    public IEnumerable<(string Key, string Why)> Unused()
    {
        foreach (var (i, dataset) in Datasets.Index())
            foreach (var (key, why) in IngestStage.Unused(dataset.Dataset, dataset.Ingest)) yield return (KeyOf(i, key), why);
        if (Experiment.Datasets.Count > 0)
            foreach (var section in new[] { "dataset", "ingest" }) yield return (section, "each of experiment.datasets has its own");
        if (!Train.Options.Any(recommender => recommender.Value is JsonObject options && options.Any(option => option.Value is JsonArray { Count: > 1 })))
            yield return ("experiment.search", "train.options holds no list to choose from");
        if (!Encoders.Any(encoder => encoder.Paradigms.Contains(Paradigm.Ete))) yield return ("train.ete", "no encoder's paradigms name ete");
        if (!Train.Recommenders.All(name => Recommender.All.TryGetValue(name, out var recommender) && !recommender.UsesContent)) yield break;
        foreach (var (i, _) in Encoders.Index().Where(encoder => encoder.Item.Paradigms.Any(paradigm => paradigm != Paradigm.Pt)))
            yield return ($"encoders.{i}.paradigms", "no recommender of train.recommenders uses pictures or texts, so that nothing reads what ft and ete make");
    }

    /// <summary>The dotted key <paramref name="key"/> of each data set.</summary>
    internal IEnumerable<string> DatasetKeys(string key) => Datasets.Select((_, i) => KeyOf(i, key));

    private string KeyOf(int dataset, string key) => Experiment.Datasets.Count > 0 ? $"experiment.datasets.{dataset}.{key}" : key;
}
