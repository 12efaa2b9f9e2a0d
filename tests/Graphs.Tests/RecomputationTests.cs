using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class RecomputationTests
{
    private const int Blocks = 4, D = 16;

    [Fact]
    public void Recomputed_blocks_give_the_same_loss_and_gradients_to_the_bit() => SameAsWithout(Tower(recompute: true));

    [Fact]
    public void A_kept_value_is_not_computed_again_and_changes_no_bit()
    {
        SameAsWithout(Tower(recompute: true, keep: true));
        Assert.Equal(Products(Tower(recompute: false)), Products(Tower(recompute: true, keep: true)));
        Assert.Equal(Products(Tower(recompute: false)) + Blocks, Products(Tower(recompute: true)));

        static int Products(Graph g) => GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).Graph.Node.Count(n => n.OpType == "Gemm");
    }

    [Fact]
    public void Of_a_kept_node_with_several_outputs_none_is_computed_again()
    {
        var g = new Graph("normalised");
        var x = g.Parameter("x", Normal(new SeededRandom(4), 8, D));
        var y = x * 2;
        using (g.Recomputed()) y = y.LayerNormalization(g.Parameter("scale", Normal(new SeededRandom(5), D))).Kept().QuickGelu() + y;
        g.Output("gradient", g.Output("loss", y.ReduceSumSquare()).Gradients([x])[0]);
        Assert.Single(GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).Graph.Node, n => n.OpType == "LayerNormalization");
        using var model = InferenceModel.Open(g);
        Assert.All(model.Run([])["gradient"].As<float>(), value => Assert.True(float.IsFinite(value)));
    }

    private static void SameAsWithout(Graph tower)
    {
        var batch = new Batch { ["x"] = Normal(new SeededRandom(2), 8, D) };
        using var plain = InferenceModel.Open(Tower(recompute: false));
        using var recomputed = InferenceModel.Open(tower);
        var (expected, actual) = (plain.Run(batch), recomputed.Run(batch));
        Assert.Equal(2 * Blocks + 1, expected.Count);
        foreach (var (name, value) in expected) Assert.Equal(value.As<float>(), actual[name].As<float>());
    }

    [Fact]
    public void A_block_is_recomputed_only_after_all_gradients_of_the_block_after_it()
    {
        var graph = Tower(recompute: true);
        for (var b = 0; b < Blocks - 1; b++)
        {
            // What block b is computed from again: no weight gradient of block b exists without it, and it not without those of block b + 1.
            var before = Ancestors(graph.Outputs[$"w{b}.gradient"]);
            Assert.Contains(Last(graph.Outputs[$"w{b + 1}.gradient"]), before);
            Assert.Contains(Last(graph.Outputs[$"b{b + 1}.gradient"]), before);
        }
    }

    [Fact]
    public void Blocks_do_not_nest()
    {
        var g = new Graph("nested");
        using var outer = g.Recomputed();
        Assert.Throws<GraphException>(() => g.Recomputed());
    }

    private static Graph Tower(bool recompute, bool keep = false)
    {
        var g = new Graph("tower");
        var random = new SeededRandom(1);
        var x = g.Input("x", ElementType.Float32, ["batch", D]);
        var variables = new List<(string Name, Tensor Tensor)>();
        for (var b = 0; b < Blocks; b++)
        {
            var w = g.Parameter($"w{b}", Normal(random, D, D));
            var bias = g.Parameter($"b{b}", Normal(random, D));
            variables.AddRange([($"w{b}", w), ($"b{b}", bias)]);
            using var block = recompute ? g.Recomputed() : null;
            var layer = x.Linear(w, bias);
            x += (keep ? layer.Kept() : layer).QuickGelu();
        }
        g.Output("loss", x.ReduceSumSquare());
        foreach (var (gradient, (name, _)) in g.Outputs["loss"].Gradients([.. variables.Select(v => v.Tensor)]).Zip(variables)) g.Output($"{name}.gradient", gradient);
        return g;
    }

    private static Node Last(Tensor gradient) => gradient.Producer!;

    private static HashSet<Node> Ancestors(Tensor value)
    {
        var found = new HashSet<Node>();
        var open = new Stack<Tensor>([value]);
        while (open.TryPop(out var next))
            if (next.Producer is { } node && found.Add(node))
                foreach (var input in node.Inputs.OfType<Tensor>()) open.Push(input);
        return found;
    }

    private static TensorData Normal(SeededRandom random, params long[] shape)
    {
        var data = TensorData.Zeros(ElementType.Float32, shape);
        foreach (ref var value in data.As<float>().AsSpan()) value = (float)random.NextNormal() * 0.3f;
        return data;
    }
}
