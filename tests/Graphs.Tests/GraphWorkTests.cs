namespace LmmRec.Graphs.Tests;

public sealed class GraphWorkTests
{
    private static readonly Dictionary<string, long> Sizes = new() { ["batch"] = 5 };

    [Fact]
    public void A_linear_layer_multiplies_once_for_each_number_of_its_weight_and_row_and_three_times_with_its_gradients()
    {
        var g = new Graph("linear");
        var x = g.Parameter("x", [5, 3], Initializers.Ones);
        var weight = g.Parameter("weight", [7, 3], Initializers.Ones);
        var y = x.Linear(weight);
        Assert.Equal(5 * 3 * 7, GraphWork.Of([y], Sizes)!.Value.MultiplyAdds);
        var gradients = y.ReduceSum().Gradients([x, weight]);
        Assert.Equal(3 * 5 * 3 * 7, GraphWork.Of([y, .. gradients], Sizes)!.Value.MultiplyAdds);
        Assert.Equal(5 * 3 * 7, GraphWork.Of([y], Sizes)!.Value.MultiplyAdds); // the gradients are no part of it
    }

    [Fact]
    public void A_product_of_stacks_counts_each_of_them_and_a_look_up_reads_no_more_of_its_table_than_it_gives()
    {
        var g = new Graph("stacks");
        var table = g.Parameter("table", [1000, 4], Initializers.Ones);
        var rows = table[g.Input("rows", ElementType.Int64, ["batch", 2])]; // [B, 2, 4]
        Assert.Equal(2 * sizeof(float) * 5 * 2 * 4, GraphWork.Of([rows], Sizes)!.Value.Bytes);
        Assert.Equal(5 * 2 * 2 * 4, GraphWork.Of([rows.MatMul(rows.TransposeLast())], Sizes)!.Value.MultiplyAdds);
    }

    [Fact]
    public void A_convolution_counts_its_filter_at_each_place()
    {
        var g = new Graph("convolution");
        var x = g.Input("x", ElementType.Float32, ["batch", 3, 8, 8]);
        var y = x.Conv(g.Parameter("filter", [6, 3, 2, 2], Initializers.Ones), stride: 2); // [B, 6, 4, 4]
        Assert.Equal(5 * 4 * 4 * 6 * 3 * 2 * 2, GraphWork.Of([y], Sizes)!.Value.MultiplyAdds);
    }

    [Fact]
    public void Attention_counts_its_scores_and_their_sums()
    {
        var g = new Graph("attention");
        var q = g.Input("q", ElementType.Float32, ["batch", 6, 2, 4]); // 6 tokens, 2 heads of 4
        var y = q.Attention(q, q, g.Scalar(0));
        Assert.Equal(2 * 5 * 2 * 6 * 6 * 4, GraphWork.Of([y], Sizes)!.Value.MultiplyAdds);
    }

    [Fact]
    public void Where_a_size_is_not_known_nothing_is_said()
    {
        var g = new Graph("unknown");
        var x = g.Input("x", ElementType.Float32, ["somewhat", 3]);
        Assert.Null(GraphWork.Of([x.Linear(g.Parameter("weight", [7, 3], Initializers.Ones))], Sizes));
    }
}
