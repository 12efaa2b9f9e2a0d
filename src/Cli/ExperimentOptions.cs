using LmmRec.Artifacts.Configuration;
using LmmRec.Ingest;
using LmmRec.Train.Search;

namespace LmmRec.Cli;

/// <summary>
/// What is compared: every data set with every encoder, paradigm, recommender, modality and seed of the configuration, but for what is left out. Every
/// option changes which artifacts there are.
/// </summary>
public sealed record ExperimentOptions
{
    /// <summary>The data sets, a folder of the workspace each. Default: the one of the sections <c>dataset</c> and <c>ingest</c>, which else are what all of them share.</summary>
    public IReadOnlyList<ExperimentDataset> Datasets { get; init; } = [];

    /// <summary>Cases that are left out. Default: none.</summary>
    public IReadOnlyList<CaseExclusion> Exclude { get; init; } = [];

    /// <summary>How the best of the lists in <c>train.options</c> is searched for.</summary>
    public SearchOptions Search { get; init; } = new();
}

/// <summary>One data set of several; its sections hold what the configuration's own say, where they say nothing else.</summary>
public sealed record ExperimentDataset : IChecked
{
    /// <summary>Which data.</summary>
    public DatasetOptions Dataset { get; init; } = new();

    /// <summary>How they are filtered, split and fetched.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>The folder of its files, from the data folder (<c>--data</c>) on. Default: that folder itself. Does not change the output.</summary>
    public string? Data { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Data is not null && (Data.Length == 0 || Path.IsPathRooted(Data) || Data.Split('/', '\\').Contains("..")))
            yield return ("data", $"\"{Data}\" must lie in the data folder, such as \"baby\"; --data names that folder");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Dataset.Source == DatasetSource.Sample) yield return ("data", "the sample reads no files");
    }
}
