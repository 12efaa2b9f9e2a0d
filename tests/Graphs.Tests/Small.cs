namespace LmmRec.Graphs.Tests;

/// <summary>Small models that several tests use.</summary>
internal static class Small
{
    /// <summary>Rows of a regression: "x" [count, 3] and "y" [count].</summary>
    public static Batch Rows(int from, int count) => new()
    {
        ["x"] = TensorData.Of([.. Enumerable.Range(from * 3, count * 3).Select(i => MathF.Sin(i))], count, 3),
        ["y"] = TensorData.Of([.. Enumerable.Range(from, count).Select(i => 1 + MathF.Cos(i) / 2)]),
    };

    /// <summary>Two tables and a pairwise ranking loss.</summary>
    public static (Graph Graph, TrainingPlan Plan) MatrixFactorisation(int users, int items)
    {
        var g = new Graph("factors");
        var (u, p, n) = (g.Input("u", ElementType.Int64, ["batch"]), g.Input("p", ElementType.Int64, ["batch"]), g.Input("n", ElementType.Int64, ["batch"]));
        var userTable = g.Parameter("users", [users, 4], Initializers.XavierNormal);
        var itemTable = g.Parameter("items", [items, 4], Initializers.XavierNormal);
        var (user, positive, negative) = (userTable[u], itemTable[p], itemTable[n]); // [batch, 4] each
        var difference = (user * (positive - negative)).ReduceSum([1]); // [batch]
        var bpr = g.Output("bpr", (-((difference.Sigmoid() + 1e-10).Log())).ReduceMean());
        var regularizer = g.Output("regularizer", user.ReduceL2() * 0.1);
        g.Output("loss", bpr + regularizer);
        g.Output("user_vectors", userTable);
        g.Output("item_vectors", itemTable);
        return (g, new TrainingPlan { Parts = ["bpr", "regularizer"], Evaluation = ["user_vectors", "item_vectors"] });
    }
}
