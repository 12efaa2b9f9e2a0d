namespace LmmRec.Ingest;

/// <summary>What is asked for again though nothing changed here: it may have changed there.</summary>
public enum AskAgain
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The pictures that failed, or whose host was away.</summary>
    Failed,

    /// <summary>All pictures, and the data set's files that were fetched; unchanged ones are not sent again.</summary>
    Everything,
}
