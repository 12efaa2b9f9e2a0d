using LmmRec.Artifacts;

namespace LmmRec.Bench.Works;

/// <summary>LightGCN (He et al., 2020), two layers of 64 dimensions: one whole training step, with the peer's loss.</summary>
internal sealed class LightGcn : Work
{
    private const int D = 64;

    private readonly Interactions _data;
    private readonly TemporaryFolder _folder = new();
    private readonly TrainingSession _session;
    private readonly SeededRandom _random = new(1);
    private readonly int _batch;

    public LightGcn(Arguments arguments)
    {
        _data = new Interactions(arguments.Inter).Times(arguments.Scale);
        _batch = arguments.Batch == 0 ? 2048 : arguments.Batch;
        var (pattern, values) = _data.Adjacency();
        TrainingArtifacts.Write(_folder.Path, Build(_data.Users, _data.Items, pattern, values, D), new TrainingPlan(), _random);
        _session = TrainingSession.Open(_folder.Path, arguments.Runtime);
    }

    public override string What => $"{_data.Users} users, {_data.Items} items, {_data.Pairs.Length} train pairs, one training step, batch {_batch}";

    public static Graph Build(int users, int items, SparsePattern pattern, float[] values, int d)
    {
        var g = new Graph("lightgcn");
        var u = g.Input("users", ElementType.Int64, ["batch"]);
        var p = g.Input("positives", ElementType.Int64, ["batch"]);
        var n = g.Input("negatives", ElementType.Int64, ["batch"]);
        var table = g.Concat(                                                       // [U + I, d]
            g.Parameter("user_embedding", [users, d], Initializers.XavierUniform),
            g.Parameter("item_embedding", [items, d], Initializers.XavierUniform));
        var adjacency = new SparseMatrix("adjacency", pattern, g.Constant(TensorData.Of(values), "adjacency/values"));
        var once = adjacency * table;
        var nodes = (table + once + adjacency * once) / 3;                          // [U + I, d]

        var who = g.Concat(u, p + users, n + users);                                // [3 · batch]
        var (user, positive, negative) = Thirds(nodes[who]);                        // [batch, d] each
        var (ego, egoPositive, egoNegative) = Thirds(table[who]);
        var preference = (user * positive).ReduceSum([1]) - (user * negative).ReduceSum([1]);
        var norms = ego.ReduceL2() + egoPositive.ReduceL2() + egoNegative.ReduceL2();
        g.Output("loss", (-preference).Softplus().ReduceMean() + norms * 1e-2 / u.SizeOf(0).Cast(ElementType.Float32));
        return g;
    }

    public override void Run()
    {
        var (users, positives, negatives) = _data.Draw(_batch, _random);
        _session.Step(new Batch { ["users"] = TensorData.Of(users), ["positives"] = TensorData.Of(positives), ["negatives"] = TensorData.Of(negatives) }, learningRate: 1e-3);
    }

    public override void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private static (Tensor, Tensor, Tensor) Thirds(Tensor rows)
    {
        var parts = rows.Reshape([3, "batch", rows.Shape[1]]).Split(0, 1, 1, 1); // [1, batch, d] each
        return (parts[0].Squeeze(0), parts[1].Squeeze(0), parts[2].Squeeze(0));
    }
}
