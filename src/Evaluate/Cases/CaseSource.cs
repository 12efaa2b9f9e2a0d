using System.Text.Json.Nodes;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Cases;

/// <summary>Ranks for some users the items that they do not have in training.</summary>
/// <param name="users">dense indices of the users, ascending</param>
/// <param name="k">most items of a list</param>
/// <param name="threads">threads to use; changes only the speed</param>
/// <param name="cancellation">stops early</param>
internal delegate RankedLists RankItems(IReadOnlyList<int> users, int k, int threads, CancellationToken cancellation);

/// <summary>A case that is to be measured: a trained model, a baseline that nobody trains, or lists that another program made.</summary>
/// <param name="Name">name of the case and of its folder</param>
/// <param name="OpenAsync">reads what it needs, given the data that it is measured on</param>
internal sealed record CaseSource(string Name, Func<HeldOutData, CancellationToken, Task<OpenedCase>> OpenAsync)
{
    /// <summary>Artifact folders that it reads beside ingest, by name.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>Files of the user's that it reads, by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it ranks for users of the validation split, too.</summary>
    public bool Validates { get; init; } = true;

    /// <summary>Whether it is not measured, and nothing more, where what it reads is not there.</summary>
    public bool CanBeLeftOut { get; init; }

    /// <summary>A baseline that nobody trains.</summary>
    /// <param name="name">name of the case, such as <c>item-knn</c></param>
    /// <param name="title">what people call it</param>
    /// <param name="openAsync">what ranks for it</param>
    public static CaseSource Untrained(string name, string title, Func<HeldOutData, CancellationToken, Task<RankItems>> openAsync) =>
        new(name, async (data, cancellation) => new OpenedCase(CaseDescription.Untrained(name, title), await openAsync(data, cancellation)));
}

/// <summary>A case that can be measured.</summary>
/// <param name="Case">what it is</param>
/// <param name="Rank">what ranks for it</param>
internal sealed record OpenedCase(CaseDescription Case, RankItems Rank)
{
    /// <summary>Counts for the manifest, by name.</summary>
    public JsonObject Facts { get; init; } = [];

    /// <summary>What of it could not be used, a line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
