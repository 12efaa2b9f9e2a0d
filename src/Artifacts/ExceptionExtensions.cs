namespace LmmRec.Artifacts;

/// <summary>What an exception is about.</summary>
public static class ExceptionExtensions
{
    private const int DiskFull = 28, QuotaExceeded = 122; // ENOSPC and EDQUOT, as .NET passes them on

    /// <summary>Whether there is no room where it was written.</summary>
    public static bool IsFullDisk(this IOException exception) => exception.HResult is DiskFull or QuotaExceeded;

    /// <summary>The cause of what a loop over several threads threw, which wraps it once for each of them: the first that is no mere end of the others; else the exception itself.</summary>
    public static Exception Unwrapped(this Exception exception) => exception is AggregateException { InnerExceptions.Count: > 0 } several
        ? several.Flatten().InnerExceptions.OrderBy(inner => inner is OperationCanceledException).First() : exception;
}
