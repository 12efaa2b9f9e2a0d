namespace LmmRec.Artifacts.Steps;

/// <summary>A step that failed while others went on.</summary>
/// <param name="Step">its name</param>
/// <param name="Cause">the kind of fault, such as <c>input</c></param>
/// <param name="Message">what went wrong, for people</param>
public sealed record FailedStep(string Step, string Cause, string Message);
