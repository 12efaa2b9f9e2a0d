namespace LmmRec.Artifacts;

/// <summary>What an exception is about.</summary>
public static class ExceptionExtensions
{
    /// <summary>The cause of what a loop over several threads threw, which wraps it once for each of them: the first that is no mere end of the others; else the exception itself.</summary>
    public static Exception Unwrapped(this Exception exception) => exception is AggregateException { InnerExceptions.Count: > 0 } several
        ? several.Flatten().InnerExceptions.OrderBy(inner => inner is OperationCanceledException).First() : exception;
}
