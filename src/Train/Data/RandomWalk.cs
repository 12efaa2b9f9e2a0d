namespace LmmRec.Train.Data;

/// <summary>One step from every node of the graph of users and items. It is not symmetric: a step back has the probability of its own start.</summary>
/// <param name="ToItems">from users to items, [U × I]</param>
/// <param name="ToUsers">from items to users, in the order of those entries: the values of the transpose, [E]</param>
/// <param name="UserShares">what each neighbour of a user gets, and the user itself where walks may stay, [U]</param>
/// <param name="ItemShares">the same of items, [I]</param>
public sealed record RandomWalk(CsrMatrix ToItems, float[] ToUsers, float[] UserShares, float[] ItemShares)
{
    /// <summary>The steps as matrices of a graph: [U × I] and [I × U], over one pattern.</summary>
    public (Graphs.SparseMatrix ToItems, Graphs.SparseMatrix ToUsers) In(Graphs.Graph g, string name)
    {
        var toItems = ToItems.In(g, name);
        return (toItems, toItems.Transpose.With(g.Constant(Graphs.TensorData.Of(ToUsers), $"{name}/values-by-item")));
    }
}
