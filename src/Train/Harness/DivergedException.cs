namespace LmmRec.Train.Harness;

/// <summary>An epoch is none to keep: what is trained is no longer learning.</summary>
/// <param name="where">epoch and batch</param>
/// <param name="why">what shows it</param>
/// <param name="cause">where something else was thrown</param>
internal sealed class DivergedException(string where, string why, Exception? cause = null) : Exception($"training diverged in {where} ({why})", cause);
