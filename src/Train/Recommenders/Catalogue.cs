using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>What a recommender is built for.</summary>
/// <param name="Users">U</param>
/// <param name="Items">I</param>
/// <param name="Visual">visual features [I × F_v]; null where the case does not use them</param>
/// <param name="Textual">textual features [I × F_t]; null where the case does not use them</param>
public sealed record Catalogue(int Users, int Items, FeatureMatrix? Visual, FeatureMatrix? Textual)
{
    /// <summary>What the rows of a table of parameters belong to, as <see cref="Parameter.Rows"/> says it.</summary>
    public const string UserRows = "users", ItemRows = "items", NodeRows = "users, items";

    /// <summary>The training interactions as a graph.</summary>
    public required UserItemGraph UserItems { get; init; }

    /// <summary>Triples per step, the short last batch of an epoch aside.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The nearest k items of each by some features.</summary>
    public required Func<FeatureMatrix, int, Neighbours> Neighbours { get; init; }

    /// <summary>The encoders are trained with the recommender and make the features.</summary>
    public bool EndToEnd { get; init; }

    /// <summary>The modalities that the case uses, visual first.</summary>
    public IReadOnlyList<Modality> Modalities =>
        [.. new[] { (IsVisual: true, Features: Visual), (IsVisual: false, Features: Textual) }.Where(m => m.Features is not null).Select(m => new Modality(m.IsVisual, m.Features!, EndToEnd))];

    /// <summary>A drawn table with a row for each user, [U × width].</summary>
    public Tensor UserTable(Graph g, string name, int width, Initializer initializer, bool trained = true) => g.Parameter(name, [Users, width], initializer, trained, UserRows);

    /// <summary>A drawn table with a row for each item, [I × width].</summary>
    public Tensor ItemTable(Graph g, string name, int width, Initializer initializer) => g.Parameter(name, [Items, width], initializer, rows: ItemRows);

    /// <summary>A drawn table with a row for each user and then for each item, [N × width].</summary>
    public Tensor NodeTable(Graph g, string name, int width, Initializer initializer, bool trained = true) => g.Parameter(name, [Users + Items, width], initializer, trained, NodeRows);

    /// <summary>The rows of users and those of items: [N, D] → [U, D], [I, D].</summary>
    public (Tensor Users, Tensor Items) Split(Tensor nodes)
    {
        var parts = nodes.Split(0, Users, Items);
        return (parts[0], parts[1]);
    }
}
