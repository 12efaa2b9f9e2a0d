using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests.Rewriting;

public sealed class BlockTests
{
    [Theory]
    [InlineData("visual.transformer.resblocks.3.attn.in_proj_weight", "visual.transformer.resblocks", 3)]
    [InlineData("/visual/transformer/resblocks/resblocks.11/ln_1/Mul", "visual.transformer.resblocks", 11)]
    [InlineData("encoder.layer.0.output.dense.weight", "encoder.layer", 0)]
    [InlineData("vision_model.encoder.layers.5.mlp.fc1.bias", "vision_model.encoder.layers", 5)]
    [InlineData("encoder.layers.encoder_layer_2.ln_1.weight", "encoder.layers.encoder_layer", 2)]
    [InlineData("transformer.h.7.mlp.c_fc.weight", "transformer.h", 7)]
    [InlineData("/layer3/layer3.1/conv1/Conv", "layer3", 1)]
    [InlineData("decoder.block.2.layer.1.weight", "decoder.block", 2)]
    [InlineData("/model/block/norm/Mul_1", "model.block", 0)]
    public void A_name_tells_its_block(string name, string stack, int number) => Assert.Equal((stack, number), Blocks.Parse(name));

    [Theory]
    [InlineData("onnx::MatMul_123")]
    [InlineData("Add_3")]
    [InlineData("features.28.weight")]
    [InlineData("layer_norm.weight")]
    [InlineData("blocked.weight")]
    [InlineData("conv1.weight")]
    public void Other_numbers_are_no_blocks(string name) => Assert.Null(Blocks.Parse(name));

    [Fact]
    public void Weights_without_names_belong_to_the_block_that_reads_them()
    {
        var blocks = Blocks.Of(Encoder(names: false));
        Assert.Equal([("layer", 3)], blocks.Towers);
        Assert.True(blocks.AreNamed);
        Assert.Equal([-1, 0, 0, 1, 1, 2, 2, 3, 3], Names(false).Select(name => blocks.Of(name).Index));
        Assert.Equal([4, 3, 3, 2, 2, 1, 1, 0, 0], Names(false).Select(name => blocks.Of(name).Depth));
        Assert.Equal(Names(true).Select(Blocks.Of(Encoder(names: true)).Of), Names(false).Select(blocks.Of).Select(p => p with { Tower = "layer" }));
    }

    [Fact]
    public void Groups_of_blocks_one_behind_the_other_are_one_tower_and_towers_side_by_side_are_several()
    {
        var g = new Graph("stages");
        var x = g.Input("x", ElementType.Float32, ["batch", 4]);
        foreach (var name in new[] { "layer1.0", "layer1.1", "layer2.0" }) x = x.Linear(g.Parameter($"{name}.w", [4, 4], Initializers.XavierUniform)).Relu();
        var y = g.Input("y", ElementType.Float32, ["batch", 4]).Linear(g.Parameter("text.layers.0.w", [4, 4], Initializers.XavierUniform));
        g.Output("scores", (x * y) * g.Parameter("scale", [1], Initializers.Ones).Exp());
        var blocks = Blocks.Of(g);
        Assert.Equal([("layer1", 3), ("text.layers", 1)], blocks.Towers);
        Assert.Equal([0, 1, 2, 0], g.Parameters.SkipLast(1).Select(p => blocks.Of(p.Name).Index));
        Assert.True(blocks.Of("scale").IsHead);
    }

    [Fact]
    public void Where_no_name_tells_blocks_apart_the_whole_is_one_and_says_so()
    {
        var g = new Graph("plain");
        var x = g.Input("x", ElementType.Float32, ["batch", 4]).Linear(g.Parameter("first", [4, 4], Initializers.XavierUniform)).Relu();
        g.Output("y", x.Linear(g.Parameter("second", [4, 4], Initializers.XavierUniform)) * g.Parameter("scale", [1], Initializers.Ones));
        var blocks = Blocks.Of(g);
        Assert.False(blocks.AreNamed);
        Assert.Equal([(Blocks.Whole, 1)], blocks.Towers);
        Assert.All(g.Parameters, p => Assert.Equal(0, blocks.Of(p.Name).Index));
        Assert.Contains("'third'", Assert.Throws<GraphException>(() => blocks.Of("third")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Category", "Fixtures")]
    [MemberData(nameof(FolderGraphs.Files), MemberType = typeof(FolderGraphs))]
    public void Downloaded_encoders_have_blocks_and_what_comes_before_and_behind_them(string file)
    {
        var (_, graph) = FolderGraphs.Load(file);
        var blocks = Blocks.Of(graph);
        Assert.True(blocks.AreNamed);
        Assert.All(blocks.Towers, tower => Assert.Equal(1, tower.Blocks));
        var weights = graph.Parameters.Where(p => p.Name.StartsWith("onnx::", StringComparison.Ordinal)).ToList();
        Assert.All(graph.Parameters.Except(weights), p => Assert.Equal(p.Name.Contains(".block.", StringComparison.Ordinal), blocks.Of(p.Name).Index == 0));
        Assert.Equal(4 * blocks.Towers.Count, weights.Count(p => blocks.Of(p.Name).Index == 0));
        Assert.All(graph.Parameters.Where(p => p.Name.Contains("position", StringComparison.Ordinal) || p.Name.Contains("patches", StringComparison.Ordinal)), p => Assert.True(blocks.Of(p.Name).IsEmbedding, p.Name));
        Assert.All(graph.Parameters.Where(p => p.Name.EndsWith("model.norm.weight", StringComparison.Ordinal)), p => Assert.True(blocks.Of(p.Name).IsHead, p.Name));
    }

    // Before the first block, two weights in each of three, and two behind the last.
    internal static string[] Names(bool named) => named
        ? ["embeddings", "layer.0.up", "layer.0.down", "layer.1.up", "layer.1.down", "layer.2.up", "layer.2.down", "norm", "head"]
        : ["embeddings", "onnx::MatMul_1", "onnx::MatMul_2", "onnx::MatMul_3", "onnx::MatMul_4", "onnx::MatMul_5", "onnx::MatMul_6", "norm", "head"];

    /// <summary>Texts [batch, tokens] → "vector" [batch, 8]; blocks are told by the names of weights or of nodes.</summary>
    internal static Graph Encoder(bool names)
    {
        var name = new Queue<string>(Names(names));
        var g = new Graph("encoder");
        var ids = g.Input("ids", ElementType.Int64, ["batch", "tokens"]);
        var seen = g.Input("mask", ElementType.Int64, ["batch", "tokens"]).Cast(ElementType.Float32).Unsqueeze(2); // [batch, tokens, 1]
        var x = Next(20, 8)[ids];                                                                                      // [batch, tokens, 8]
        for (var block = 0; block < 3; block++)
        {
            using var scope = names ? null : g.Scope($"/layer.{block}");
            var mean = x - x.ReduceMean([2], keepDims: true);                                                           // a norm in parts
            var y = (mean / (mean * mean).ReduceMean([2], keepDims: true).Sqrt() * seen).MatMul(Next(8, 16)).Tanh();
            x += y.Linear(Next(8, 16)) / 2;
        }
        var pooled = (x * seen).ReduceSum([1]) / seen.ReduceSum([1]);                                                  // [batch, 8]
        g.Output("vector", (pooled * Next(8)).MatMul(Next(8, 8)));
        g.Initialize(new SeededRandom(5));
        return g;

        Tensor Next(params ReadOnlySpan<long> shape) => g.Parameter(name.Dequeue(), Shape.Of(shape), Initializers.Normal(0.5));
    }

    /// <summary>Two texts for <see cref="Encoder"/>.</summary>
    internal static Batch Texts => new() { ["ids"] = TensorData.Of([3L, 1, 4, 1, 5, 9], 2, 3), ["mask"] = TensorData.Of([1L, 1, 1, 1, 1, 0], 2, 3) };
}
