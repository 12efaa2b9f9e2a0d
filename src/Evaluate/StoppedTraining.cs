using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Evaluate;

/// <summary>A training, of a recommender or an encoder, that ended before it was to. What it had by then was kept and measured.</summary>
/// <param name="Step">the step, as the user is shown it</param>
/// <param name="Why">what happened and what was kept, for people</param>
internal sealed record StoppedTraining(string Step, string Why)
{
    /// <summary>Those whose manifests say so.</summary>
    public static IReadOnlyList<StoppedTraining> Of(IReadOnlyList<EvaluatedDataSet> dataSets) =>
    [
        .. from dataSet in dataSets
           from folder in dataSet.Upstream.Concat(dataSet.Models).Select(artifact => artifact.Value).Where(FailedStep.IsUsable)
           let manifest = Manifest.Read(folder)
           let why = (string?)manifest.Facts[Manifest.Stopped]
           where why is not null
           select new StoppedTraining(dataSets.Count > 1 ? $"{dataSet.Name}/{manifest.Recipe.Step}" : manifest.Recipe.Step, why),
    ];
}
