namespace LmmRec.Artifacts.Store;

/// <summary>The folders of a workspace beside those of its data sets, none of which has a name of these.</summary>
public static class WorkspaceFolders
{
    /// <summary>The report over all data sets.</summary>
    public const string Report = "report";

    /// <summary>A record of each run.</summary>
    public const string Runs = "runs";

    /// <summary>Artifacts that later ones replaced, each in a folder named by its id.</summary>
    public const string Kept = "kept";

    /// <summary>Who writes where.</summary>
    public const string Locks = "locks";

    /// <summary>All of them, and what each holds.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Report] = "the report lies",
        [Runs] = "the records of runs lie",
        [Kept] = "replaced artifacts lie",
        [Locks] = "locks lie",
    };
}
