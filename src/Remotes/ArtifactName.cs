using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>What an artifact is called: its folder below the workspace. A name from elsewhere is not trusted, since it becomes a path here.</summary>
public static class ArtifactName
{
    private const string Downloads = "downloads", Report = WorkspaceFolders.Report;

    /// <summary>What <c>--stage</c> takes, in the order in which one is made from the others.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["ingest", "encoders", "features", "models", "evaluation", "comparison", Report];

    /// <summary>The kind of an artifact.</summary>
    public static string KindOf(string name) => name.Split('/') is [_, var kind, ..] ? kind : name;

    /// <summary>The stage folder that it lies in, which a lock is held for.</summary>
    public static string StageFolderOf(string name) => string.Join('/', name.Split('/').Take(2));

    /// <summary>Where its kind stands in the order in which they are made.</summary>
    internal static int OrderOf(string name) => KindOf(name) == Downloads ? -1 : Kinds.ToList().IndexOf(KindOf(name));

    /// <summary>Whether it is an artifact of ours: of a data set and one of the kinds, or the report.</summary>
    internal static bool IsOne(string name) => IsSafe(name) && name.Split('/') switch
    {
        [var folder] => folder == Report,
        [var dataset, "ingest" or "comparison"] => !WorkspaceFolders.All.ContainsKey(dataset),
        [var dataset, Downloads or "encoders" or "features" or "models" or "evaluation", _] => !WorkspaceFolders.All.ContainsKey(dataset),
        _ => false,
    };

    /// <summary>Whether a name stays below the folder that it is put after, on every system, and is none that unfinished work has.</summary>
    internal static bool IsSafe(string name) => name.Split('/').All(part =>
        part.Length > 0 && part is not ("." or "..") && !part.Any(c => char.IsControl(c) || c is '\\' or ':' or '~'));
}
