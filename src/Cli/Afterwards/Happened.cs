using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Evaluate;
using LmmRec.Runs;

namespace LmmRec.Cli.Afterwards;

/// <summary>What a run did, for people and for its record (docs/nightly.md#afterwards).</summary>
internal sealed record Happened
{
    /// <summary>Pictures of each ingest that ran.</summary>
    public IReadOnlyList<PictureCount> Pictures { get; init; } = [];

    /// <summary>Vectors of each encoder whose store was made.</summary>
    public IReadOnlyList<VectorCount> Vectors { get; init; } = [];

    /// <summary>The cases that were trained, and why.</summary>
    public IReadOnlyList<TrainedCase> Trained { get; init; } = [];

    /// <summary>The cases whose models stayed as they were.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>How the measured cases moved since.</summary>
    public IReadOnlyList<DataSetDrift> Drift { get; init; } = [];

    /// <param name="Step">the ingest</param>
    /// <param name="New">came, and the artifact before did not hold their bytes for the item</param>
    /// <param name="Unchanged">are as they were</param>
    /// <param name="Failed">did not come, whether there is one from before or not</param>
    public sealed record PictureCount(string Step, int New, int Unchanged, int Failed);

    /// <param name="Step">what made the store</param>
    /// <param name="Encoded">pictures and texts that were encoded</param>
    /// <param name="Kept">pictures and texts whose vectors were there</param>
    public sealed record VectorCount(string Step, int Encoded, int Kept);

    /// <param name="Step">the training</param>
    /// <param name="Why">what changed first, one line each</param>
    public sealed record TrainedCase(string Step, IReadOnlyList<string> Why);

    /// <param name="DataSet">its name</param>
    /// <param name="Since">the last run that measured it before</param>
    /// <param name="Cases">those that were measured then and now, and are not the same</param>
    public sealed record DataSetDrift(string DataSet, string Since, IReadOnlyList<Drift> Cases);

    /// <summary>As a run's record holds it.</summary>
    public JsonObject ToJson() => (JsonObject)JsonSerializer.SerializeToNode(this, Manifest.Json)!;

    /// <summary>Tells what happened.</summary>
    /// <param name="steps">the steps of the run</param>
    /// <param name="outcomes">how they ended</param>
    /// <param name="causes">why they ran</param>
    /// <param name="before">the runs before, the last one last</param>
    /// <param name="pipeline">the data sets that were measured</param>
    /// <param name="cancellation">ends the reading</param>
    public static async Task<Happened> OfAsync(
        IReadOnlyList<Step> steps, IReadOnlyList<StepOutcome> outcomes, CauseObserver causes, IReadOnlyList<RunRecord> before, Pipeline pipeline, CancellationToken cancellation)
    {
        var ran = steps.Zip(outcomes).Where(step => step.Second.Ran).Select(step => step.First).ToList();
        var kept = new KeptArtifacts(pipeline.Workspace).Folders;
        var drift = new List<DataSetDrift>();
        foreach (var dataSet in pipeline.Datasets.Select(dataset => dataset.Evaluated))
            if (ran.Find(step => step.Name == "compare" && Path.GetDirectoryName(step.Folder) == dataSet.Root) is { } compared && LastOf(compared) is { } last
                && await Evaluate.Drift.OfAsync(dataSet, folder => FormerAsync(last, folder), cancellation) is { Count: > 0 } cases) drift.Add(new DataSetDrift(dataSet.Name, last.Id, cases));
        return new Happened
        {
            Pictures = [.. from step in ran let timings = Timings.Of(step.Folder).Section("pictures") where timings.Count("new") is not null
                select new PictureCount(step.Title, timings.Count("new") ?? 0, timings.Count("unchanged") ?? 0, timings.Count("failed") ?? 0)],
            Vectors = [.. from step in ran let timings = Timings.Of(step.Folder) where timings.Count("encoded") is not null
                select new VectorCount(step.Title, timings.Count("encoded") ?? 0, timings.Count("copied") ?? 0)],
            Trained = [.. ran.Where(IsTraining).Select(step => new TrainedCase(step.Title, [.. causes.Of(step).Select(cause => Cause.Told([cause], step.Title))]))],
            Kept = [.. steps.Zip(outcomes).Where(step => IsTraining(step.First) && step.Second.State is StepEnd.Skipped or StepEnd.TakenBack).Select(step => step.First.Title)],
            Drift = drift,
        };

        static bool IsTraining(Step step) => step.Name.StartsWith("train/", StringComparison.Ordinal);

        RunRecord? LastOf(Step compared) => before.LastOrDefault(run => Find(run, compared.Folder) is { IsDone: true, State: not RunStepState.LeftOut });

        RunStep? Find(RunRecord run, string folder) => run.Steps.FirstOrDefault(step => Path.Combine(pipeline.Workspace, step.Folder) == folder);

        // What is damaged is no measurement.
        async Task<string?> FormerAsync(RunRecord run, string folder) =>
            Find(run, folder)?.Artifact is { } id && kept.TryGetValue(id, out var former) && (await Verification.CheckAsync(former, cancellation)).Count == 0 ? former : null;
    }
}
