using LmmRec.Artifacts.Steps;

namespace LmmRec.Evaluate;

/// <summary>What the report is made from.</summary>
/// <param name="DataSets">the data sets of which there is a comparison, at least one</param>
/// <param name="Failed">the steps that failed while others went on</param>
/// <param name="Stopped">the trainings that ended before they were to</param>
internal sealed record Study(IReadOnlyList<Evaluation> DataSets, IReadOnlyList<FailedStep> Failed, IReadOnlyList<StoppedTraining> Stopped);
