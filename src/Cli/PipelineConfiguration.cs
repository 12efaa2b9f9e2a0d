using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Evaluate;
using LmmRec.Featurize;
using LmmRec.Ingest;
using LmmRec.Train;

namespace LmmRec.Cli;

/// <summary>A whole <c>pipeline.json</c>.</summary>
public sealed record PipelineConfiguration : IChecked
{
    public DatasetOptions Dataset { get; init; } = new();

    public IngestOptions Ingest { get; init; } = new();

    public IReadOnlyList<EncoderConfiguration> Encoders { get; init; } = [];

    public TrainOptions Train { get; init; } = new();

    public EvaluateOptions Evaluate { get; init; } = new();

    /// <summary>How a card computes, for <c>--device cuda</c>.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Folder of the artifacts; default <c>artifacts</c>; <c>--workspace</c> overrides it.</summary>
    public string Workspace { get; init; } = "artifacts";

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var name in Encoders.GroupBy(e => e.Name).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return ("encoders", $"two encoders are called '{name}'; names must differ");
        foreach (var folder in Encoders.SelectMany(e => e.Folders()).GroupBy(name => name).Where(g => g.Count() > 1 && Encoders.Count(e => e.Name == g.Key) == 1).Select(g => g.Key))
            yield return ("encoders", $"encoder '{folder}' and what another makes would both lie in the folder '{folder}'; give it another name");
        if (Workspace.Length == 0 || Workspace.Contains('\0', StringComparison.Ordinal)) yield return ("workspace", "must name a folder");
        foreach (var fault in IngestStage.Faults(Dataset, Ingest)) yield return fault;
        if (Dataset.Source == DatasetSource.Sample)
            foreach (var (i, encoder) in Encoders.Index().Where(encoder => encoder.Item.Slot is not null))
                yield return ($"encoders.{i}.slot", "is for a matrix of yours, and dataset.source \"sample\" reads no files; "
                    + $"give encoder '{encoder.Name}' a card, or name in dataset.source what your data are");
    }

    public IEnumerable<(string Key, string Why)> Unused()
    {
        foreach (var unused in IngestStage.Unused(Dataset, Ingest)) yield return unused;
        if (!Encoders.Any(encoder => encoder.Paradigms.Contains(Paradigm.Ete))) yield return ("train.ete", "no encoder's paradigms name ete");
    }
}
