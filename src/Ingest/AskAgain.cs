namespace LmmRec.Ingest;

/// <summary>What is asked for again though nothing changed here: pictures may have changed there.</summary>
public enum AskAgain
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The pictures that failed, or whose host was away.</summary>
    Failed,

    /// <summary>All pictures; a server that knows what we have need not send it again.</summary>
    Everything,
}
