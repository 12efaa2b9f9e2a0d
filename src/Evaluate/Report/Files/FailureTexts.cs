namespace LmmRec.Evaluate.Report.Files;

/// <summary>What failed or was stopped, a paragraph each; nothing where nothing was.</summary>
internal static class FailureTexts
{
    public static IEnumerable<TextSection> Of(Study study)
    {
        if (study.Failed.Count > 0) yield return new TextSection("Steps that failed", [.. FailedGroup.Of(study.Failed).Select(group => $"{group.Step.Step} ({group.Step.Cause}): {group.Step.Message}{(group.Others.Count > 0 ? $"; {group.Sentence}" : "")}")], []);
        if (study.Stopped.Count > 0) yield return new TextSection("Trainings that were stopped", [.. study.Stopped.Select(training => $"{training.Step}: {training.Why}")], []);
    }
}
