using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Rewriting;

public sealed class FrozenPrefixTests
{
    private const string Loss = "loss";

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public void The_rest_on_the_kept_tokens_has_the_gradients_of_the_whole(bool names, int trainedBlocks)
    {
        var graph = BlockTests.Encoder(names);
        var blocks = Blocks.Of(graph);
        foreach (var parameter in graph.Parameters) parameter.Trainable = blocks.Of(parameter.Name).Depth <= trainedBlocks;
        var split = SameGradients(graph, BlockTests.Texts);
        Assert.Single(split.Kept); // the tokens, although a norm of them in parts and a residual are read
        Assert.Equal(["batch", "tokens", 8], split.Prefix.Outputs[split.Kept[0]].Shape);
        Assert.Equal(["kept_0", "mask"], split.Rest.Inputs.Select(i => i.Name)); // the mask is made of an input alone
        Assert.All(split.Prefix.Parameters, p => Assert.False(p.Trainable));
        Assert.DoesNotContain(split.Rest.Parameters, p => p.Name == "embeddings");
    }

    [Fact]
    public void Behind_the_pooling_one_vector_per_item_is_kept()
    {
        var graph = BlockTests.Encoder(names: true);
        foreach (var parameter in graph.Parameters) parameter.Trainable = parameter.Name == "head";
        var split = SameGradients(graph, BlockTests.Texts);
        Assert.Equal(["batch", 8], split.Prefix.Outputs[split.Kept.Single()].Shape);
        Assert.Equal(["kept_0"], split.Rest.Inputs.Select(i => i.Name));
    }

    [Fact]
    public void Where_nothing_is_frozen_before_what_is_trained_nothing_is_kept()
    {
        var graph = BlockTests.Encoder(names: true);
        var split = FrozenPrefix.Split(graph, ["vector"]);
        Assert.Empty(split.Kept);
        Assert.Empty(split.Prefix.Outputs);
        Assert.Equal(graph.Inputs.Select(i => i.Name), split.Rest.Inputs.Select(i => i.Name));

        graph.Parameters[^1].Trainable = false; // behind all that is trained
        Assert.Empty(FrozenPrefix.Split(graph, ["vector"]).Kept);
        Assert.Contains("has no output 'loss'; it has: vector", Assert.Throws<GraphException>(() => FrozenPrefix.Split(graph, [Loss])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_frozen_norm_before_a_trained_layer_the_tokens_are_kept_and_not_the_norm_too()
    {
        var g = new Graph("norm");
        var x = g.Input("x", ElementType.Float32, ["batch", 3, 8]).Linear(g.Parameter("below", [8, 8], Initializers.XavierNormal, trainable: false));
        var norm = x.LayerNormalization(g.Parameter("scale", [8], Initializers.Ones, trainable: false), g.Parameter("shift", [8], Initializers.Zeros, trainable: false));
        g.Output("vector", (x + norm.Linear(g.Parameter("above", [8, 8], Initializers.XavierNormal))).ReduceMean([1]));
        g.Initialize(new SeededRandom(3));
        var split = SameGradients(g, new Batch { ["x"] = TensorData.Of([.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i))], 2, 3, 8) });
        Assert.Single(split.Kept);
        Assert.Equal(["scale", "shift", "above"], split.Rest.Parameters.Select(p => p.Name));
    }

    [Theory]
    [Trait("Category", "Fixtures")]
    [MemberData(nameof(FolderGraphs.Files), MemberType = typeof(FolderGraphs))]
    public void Downloaded_encoders_keep_one_matrix_of_tokens_per_tower(string file)
    {
        var (path, graph) = FolderGraphs.Load(file);
        var blocks = Blocks.Of(graph);
        foreach (var parameter in graph.Parameters) parameter.Trainable = parameter.Trainable && blocks.Of(parameter.Name).Depth <= 1;
        var results = graph.Outputs.Values.Where(o => o.Type.IsFloat()).ToList();
        graph.Output("vector", results.Select(r => (r * 0.01).Sin().Flatten(0).ReduceMean([1])).Aggregate((a, b) => a + b));
        var split = SameGradients(graph, FolderGraphs.Feed(path, graph, new SeededRandom(3)));
        Assert.Equal(blocks.Towers.Count, split.Kept.Count);
        Assert.All(split.Kept, name => Assert.Equal(3, split.Prefix.Outputs[name].Rank));
    }

    // The gradients of the rest equal those of the whole, for all trained parameters that the loss reaches.
    private static FrozenPrefix SameGradients(Graph graph, Batch batch)
    {
        graph.Output(Loss, (graph.Outputs["vector"] - 0.3).ReduceSumSquare());
        var split = FrozenPrefix.Split(graph, [Loss]);
        using var prefix = InferenceModel.Open(split.Prefix);
        var kept = prefix.Run(Of(batch, split.Prefix));
        var rest = Of(batch, split.Rest);
        foreach (var name in split.Kept) rest[name] = kept[name];
        var (expected, actual) = (Gradients(graph, batch), Gradients(split.Rest, rest));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, gradient) in expected)
        {
            var size = gradient.Max(Math.Abs);
            Assert.All(gradient.Zip(actual[name]), p => Assert.Equal(p.First, p.Second, 1e-5 * size + 1e-9));
        }
        return split;
    }

    private static Batch Of(Batch batch, Graph graph)
    {
        var own = new Batch();
        foreach (var input in graph.Inputs.Where(i => batch.ContainsKey(i.Name))) own[input.Name] = batch[input.Name];
        return own;
    }

    private static Dictionary<string, float[]> Gradients(Graph graph, Batch batch)
    {
        var trained = graph.Parameters.Where(p => p.Trainable && graph.Outputs[Loss].DependsOn(p.Tensor)).ToList();
        foreach (var (gradient, parameter) in graph.Outputs[Loss].Gradients(trained.ConvertAll(p => p.Tensor)).Zip(trained)) graph.Output($"{parameter.Name}.gradient", gradient);
        using var model = InferenceModel.Open(graph);
        var results = model.Run(batch, [.. trained.Select(p => $"{p.Name}.gradient")]);
        return trained.ToDictionary(p => p.Name, p => results[$"{p.Name}.gradient"].As<float>());
    }
}
