using LmmRec.Graphs;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.EndToEnd;

/// <summary>A tower of an encoder as a graph, and what it is fed for items.</summary>
/// <param name="slot">the recommender's slot whose table its vectors are the rows of</param>
/// <param name="graph">inputs with the items first, one output: [b × F]</param>
/// <param name="present">whether each row of the table is the vector of an item with a picture or text; the other rows are filled</param>
/// <param name="feed">what the graph is fed for some of these items; from any thread</param>
internal sealed class TrainedTower(Modality slot, Graph graph, IReadOnlyList<bool> present, Func<IReadOnlyList<int>, Batch> feed)
{
    /// <summary><c>visual</c> or <c>textual</c></summary>
    public string Name => slot.Name;

    /// <summary>Whether it reads pictures.</summary>
    public bool IsVisual => slot.IsVisual;

    /// <summary>The name of the table.</summary>
    public string Table => slot.TableName;

    /// <summary>The tower, with its weights.</summary>
    public Graph Graph => graph;

    /// <summary>The items that it encodes, ascending.</summary>
    public IReadOnlyList<int> Items { get; } = [.. Rows(present, true)];

    /// <summary>The items that have no picture or text, ascending.</summary>
    public IReadOnlyList<int> Without { get; } = [.. Rows(present, false)];

    /// <summary>Whether it encodes an item.</summary>
    public bool Has(int item) => present[item];

    /// <summary>What the graph is fed for some of the items that it encodes.</summary>
    public Batch Feed(IReadOnlyList<int> items) => feed(items);

    /// <summary>The same tower as another graph, fed in another way.</summary>
    public TrainedTower With(Graph other, Func<IReadOnlyList<int>, Batch> otherFeed) => new(slot, other, present, otherFeed);

    private static IEnumerable<int> Rows(IReadOnlyList<bool> present, bool wanted) => Enumerable.Range(0, present.Count).Where(item => present[item] == wanted);
}
