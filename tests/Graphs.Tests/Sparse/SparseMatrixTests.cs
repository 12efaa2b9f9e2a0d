using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Sparse;

public sealed class SparseMatrixTests
{
    private const int Rows = 300, Columns = 200, D = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_kernels_and_the_standard_form_give_the_same_product_and_gradients_exactly(int seed)
    {
        var random = new SeededRandom(seed);
        var (rows, columns) = Coordinates(random);
        float Number() => random.NextInt32(20) - 10;
        var g = new Graph("product");
        var values = g.Input("values", ElementType.Float32, [rows.Length]);
        var x = g.Input("x", ElementType.Float32, [Columns, D]);
        var weights = g.Input("weights", ElementType.Float32, [Rows, D]);
        var adjacency = new SparseMatrix("a", SparsePattern.FromCoordinates(Rows, Columns, rows, columns), values);
        var y = adjacency * x;
        g.Output("y", y);
        g.Output("y_plus_weights", adjacency * x + weights);
        var gradients = (y * weights).ReduceSum().Gradients([values, x]);
        g.Output("d_values", gradients[0]);
        g.Output("d_x", gradients[1]);
        (string, float[], long[])[] inputs =
        [
            ("values", [.. rows.Select(_ => Number())], [rows.Length]),
            ("x", [.. Enumerable.Range(0, Columns * D).Select(_ => Number())], [Columns, D]),
            ("weights", [.. Enumerable.Range(0, Rows * D).Select(_ => Number())], [Rows, D]),
        ];
        var (kernels, standard) = (Run(g, inputs, kernels: true), Run(g, inputs, kernels: false));
        for (var i = 0; i < kernels.Length; i++) Assert.Equal(standard[i], kernels[i]);
        Assert.Equal(Dense(rows, columns, inputs), kernels[0]);
        Assert.Equal(kernels[0].Zip(inputs[2].Item2, (a, b) => a + b), kernels[1]);
    }

    private static float[] Dense(int[] rows, int[] columns, (string, float[] Values, long[])[] inputs)
    {
        var y = new float[Rows * D];
        for (var k = 0; k < rows.Length; k++)
            for (var c = 0; c < D; c++) y[rows[k] * D + c] += inputs[0].Values[k] * inputs[1].Values[columns[k] * D + c];
        return y;
    }

    [Fact]
    public void A_product_that_is_only_added_to_something_is_written_as_one_node()
    {
        var (rows, columns) = Coordinates(new SeededRandom(1));
        var g = new Graph("sum");
        var x = g.Input("x", ElementType.Float32, [Columns, D]);
        var b = g.Input("b", ElementType.Float32, [Rows, D]);
        var product = new SparseMatrix("a", SparsePattern.FromCoordinates(Rows, Columns, rows, columns), g.Constant(TensorData.Of(new float[rows.Length]))) * x;
        g.Output("y", b + product);
        Assert.Equal(["SpMMAdd"], Operators());
        g.Output("product", product);
        Assert.Equal(["SpMM", "Add"], Operators());

        IEnumerable<string> Operators() => GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).Graph.Node.Select(n => n.OpType).Where(op => op is not ("Identity" or "Constant"));
    }

    [Fact]
    public void A_coordinate_outside_the_matrix_is_named() => Assert.Contains("non-zero 1 lies at [2, 0]",
        Assert.Throws<GraphException>(() => SparsePattern.FromCoordinates(2, 2, [0, 2], [1, 0])).Message, StringComparison.Ordinal);

    [Fact]
    public void Transposing_twice_gives_the_matrix_back()
    {
        var (rows, columns) = Coordinates(new SeededRandom(4));
        var pattern = SparsePattern.FromCoordinates(Rows, Columns, rows, columns);
        var back = pattern.Transpose().Transpose();
        Assert.Equal(pattern.RowPointers, back.RowPointers);
        Assert.Equal(pattern.ColumnIndices, back.ColumnIndices);
        Assert.Equal(pattern.Positions, back.Positions);
    }

    // In no order; some rows are empty, one has hundreds of non-zeros, and some coordinates come twice.
    private static (int[] Rows, int[] Columns) Coordinates(SeededRandom random)
    {
        var count = 3000;
        return ([.. Enumerable.Range(0, count).Select(_ => random.NextInt32(8) == 0 ? 17 : random.NextInt32(Rows / 2) * 2)],
            [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(Columns))]);
    }

    private static float[][] Run(Graph graph, (string Name, float[] Values, long[] Shape)[] inputs, bool kernels)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 2 };
        if (kernels) options.AddKernels();
        using var session = new InferenceSession(GraphFile.ToModel(graph, graph.Outputs.Keys, ParametersAs.Initializers).ToByteArray(), options);
        var values = inputs.Select(i => OrtValue.CreateTensorValueFromMemory(i.Values, i.Shape)).ToList();
        using var run = new RunOptions();
        using var results = session.Run(run, [.. inputs.Select(i => i.Name)], values, [.. graph.Outputs.Keys]);
        values.ForEach(v => v.Dispose());
        return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
    }
}
