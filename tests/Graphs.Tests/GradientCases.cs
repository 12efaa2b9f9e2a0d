namespace LmmRec.Graphs.Tests;

/// <summary>
/// How each operator with a gradient rule is used in <see cref="GradientTests"/>: a new rule needs an entry here, under the operator's name.
/// Each case makes the operator's inputs and gives its outputs.
/// </summary>
internal static class GradientCases
{
    public static readonly IReadOnlyDictionary<string, Func<GradientCase, Tensor[]>[]> Table = new Dictionary<string, Func<GradientCase, Tensor[]>[]>
    {
        ["Add"] = [c => Binary(c, (a, b) => a + b)],
        ["Sub"] = [c => Binary(c, (a, b) => a - b)],
        ["Mul"] = [c => Binary(c, (a, b) => a * b), c => Unary(c, x => x.Dropout(c.Indices(x.Shape, 2).Cast(ElementType.Float32), 0.5))],
        ["Div"] = [c => { var s = c.Shape(3); return [c.Variable(s) / c.Positive(c.BroadcastWith(s))]; }, c => { var s = c.Shape(2); return [c.Variable(c.BroadcastWith(s)) / c.Positive(s)]; }],
        ["Pow"] = [c => { var s = c.Shape(2); return [c.Positive(s).Pow(c.Variable(c.BroadcastWith(s)))]; }, c => [c.Variable(c.Shape(2)).Pow(2)], c => [c.Variable(c.Shape(2)).Pow(3)]],
        ["Mod"] = [c => { var s = c.Shape(2); return [c.Graph.Add("Mod", new Attributes(("fmod", 1L)), c.Variable(s, 5.2, 5.8), c.Variable(c.BroadcastWith(s), 2.1, 2.3))]; }],
        ["Min"] = [c => { var s = c.Shape(3); return [c.OnGrid(s, 0.1).Min(c.OnGrid(c.BroadcastWith(s), 0.3))]; }],
        ["Max"] = [c => { var s = c.Shape(3); return [c.OnGrid(c.BroadcastWith(s), 0.1).Max(c.OnGrid(s, 0.3))]; }],
        ["Neg"] = [c => Unary(c, x => -x)],
        ["Abs"] = [c => Unary(c, x => x.Abs())],
        ["Sqrt"] = [c => [c.Positive(c.Shape(2)).Sqrt()]],
        ["Reciprocal"] = [c => [c.Positive(c.Shape(2)).Reciprocal()]],
        ["Exp"] = [c => Unary(c, x => x.Exp())],
        ["Log"] = [c => [c.Positive(c.Shape(2)).Log()]],
        ["Sin"] = [c => Unary(c, x => x.Sin())],
        ["Cos"] = [c => Unary(c, x => x.Cos())],
        ["Erf"] = [c => Unary(c, x => x.Erf())],
        ["Tanh"] = [c => Unary(c, x => x.Tanh())],
        ["Sigmoid"] = [c => Unary(c, x => x.Sigmoid())],
        ["Softplus"] = [c => Unary(c, x => x.Softplus())],
        ["Relu"] = [c => Unary(c, x => x.Relu())],
        ["LeakyRelu"] = [c => Unary(c, x => x.LeakyRelu()), c => Unary(c, x => x.LeakyRelu(0.3f))],
        ["Elu"] = [c => Unary(c, x => x.Elu()), c => Unary(c, x => x.Elu(0.4f))],
        ["HardSigmoid"] = [c => [c.Variable(c.Shape(2), -5.2, 5.2).HardSigmoid()]],
        ["HardSwish"] = [c => [c.Variable(c.Shape(2), -5.2, 5.2).HardSwish()]],
        ["Gelu"] = [c => Unary(c, x => x.Gelu()), c => Unary(c, x => x.Gelu(tanhApproximation: true))],
        ["Clip"] = [c => Unary(c, x => x.Clip(-1, 1))],
        ["Where"] = [c => { var s = c.Shape(3); return [c.Variable(c.BroadcastWith(s)).Where(c.Indices(c.BroadcastWith(s), 2).Equal(c.Graph.Integers(1)), c.Variable(s))]; }],
        ["Identity"] = [c => Unary(c, x => x.Identity())],
        ["Cast"] = [c => Unary(c, x => x.Cast(ElementType.Float64).Cast(ElementType.Float32))],
        ["Dropout"] = [c => [c.Graph.Add("Dropout", c.Variable(c.Shape(2)))]],

        ["ReduceSum"] = Reductions((x, axes, keep) => x.ReduceSum(axes, keep)),
        ["ReduceMean"] = Reductions((x, axes, keep) => x.ReduceMean(axes, keep)),
        ["ReduceMax"] = Reductions((x, axes, keep) => x.ReduceMax(axes, keep)),
        ["ReduceMin"] = Reductions((x, axes, keep) => x.ReduceMin(axes, keep)),
        ["ReduceL1"] = Reductions((x, axes, keep) => x.ReduceL1(axes, keep)),
        ["ReduceL2"] = [.. Reductions((x, axes, keep) => x.ReduceL2(axes, keep)), c => [c.Variable(c.Shape(2)).Normalize()]],
        ["ReduceSumSquare"] = Reductions((x, axes, keep) => x.ReduceSumSquare(axes, keep)),
        ["ReduceLogSumExp"] = Reductions((x, axes, keep) => x.LogSumExp(axes, keep)),

        ["Reshape"] = [c => { var x = c.Variable([c.Size(), 2, c.Size(), 3]); return [x.Reshape([x.Shape[0], 6, x.Shape[2]])]; }],
        ["Flatten"] = [c => [c.Graph.Add("Flatten", new Attributes(("axis", 2L)), c.Variable(c.Shape(4)))]],
        ["Squeeze"] = [c => [c.Variable([c.Size(), 1, c.Size(), 1]).Squeeze(1, -1)]],
        ["Unsqueeze"] = [c => [c.Variable(c.Shape(2)).Unsqueeze(0, 2)]],
        ["Transpose"] = [c => [c.Variable(c.Shape(3)).Transpose(2, 0, 1)], c => [c.Variable(c.Shape(3)).Transpose()]],
        ["Expand"] = [c => { var s = c.Shape(3, atLeast: 2); return [c.Variable([s[1], 1]).Expand(c.Graph.Integers(s.ToArray()))]; }],
        ["Tile"] = [c => [c.Variable(c.Shape(3)).Tile(2, 1, 3)]],
        ["Concat"] = [c => { var s = c.Shape(3); return [c.Graph.Concat(1, c.Variable(s), c.Variable(s.With(1, 2)), c.Variable(s.With(1, 1)))]; }],
        ["Split"] = [c => { var parts = c.Variable([c.Size(), 5]).Split(-1, 2, 1, 2); return [parts[0], parts[2]]; }],
        ["Slice"] =
        [
            c => [c.Variable([c.Size(), 6]).Slice(1, 1, 4)], c => [c.Variable([c.Size(), 6]).Slice(-1, -4, -1)], c => [c.Variable([6, c.Size()]).Slice(0, 1, 6, 2)],
            c => [c.Variable([c.Size(), 6, 2]).Slice(1, -1, long.MinValue, -2)],
            c => [c.Graph.Add("Slice", c.Variable([5, 4]), c.Graph.Integers(1, 0), c.Graph.Integers(3, 2))],
        ],
        ["Pad"] = [c => [c.Variable(c.Shape(2)).Pad([1, 0, 2, 1], 0.5)]],

        ["MatMul"] =
        [
            c => { var (m, k, n) = (c.Size(), c.Size(), c.Size()); return [c.Variable([m, k]).MatMul(c.Variable([k, n]))]; },
            c => { var (m, k, n) = (c.Size(), c.Size(), c.Size()); return [c.Variable([2, 3, m, k]).MatMul(c.Variable([k, n]))]; },
            c => { var (m, k, n) = (c.Size(), c.Size(), c.Size()); return [c.Variable([2, 1, m, k]).MatMul(c.Variable([3, k, n]))]; },
        ],
        ["Gemm"] = [.. from transA in new[] { false, true } from transB in new[] { false, true } select (Func<GradientCase, Tensor[]>)(c => Gemm(c, transA, transB)), c => Linear(c)],

        ["Softmax"] = [c => [c.Variable(c.Shape(3)).Softmax()], c => [c.Variable(c.Shape(3)).Softmax(1)]],
        ["LogSoftmax"] = [c => [c.Variable(c.Shape(3)).LogSoftmax()], c => [c.Variable(c.Shape(3)).LogSoftmax(0)]],
        ["LayerNormalization"] = [c => { var (d, e) = (c.Size(2), c.Size(2)); return [c.Graph.Add("LayerNormalization", new Attributes(("axis", 1L)), 3, c.Variable([c.Size(), d, e]), c.Variable([d, e]), c.Variable([d, e]))[0]]; }, c => { var d = c.Size(3); return [c.Variable([c.Size(), c.Size(), d]).LayerNormalization(c.Variable([d]), c.Variable([d]))]; }],
        ["BatchNormalization"] = [BatchNormalization],

        ["Conv"] =
        [
            c => Conv(c, 5, kernel: 3, stride: 1, padding: 1, dilation: 1, groups: 1), c => Conv(c, 6, kernel: 3, stride: 2, padding: 1, dilation: 1, groups: 1),
            c => Conv(c, 7, kernel: 2, stride: 3, padding: 0, dilation: 2, groups: 1), c => Conv(c, 6, kernel: 2, stride: 2, padding: 0, dilation: 1, groups: 2),
            c => [c.Variable([2, 3, 7]).Conv(c.Variable([2, 3, 3]), c.Variable([2]), stride: 2)],
        ],
        ["MaxPool"] = [c => [c.Variable([2, 2, 5, 5], -8, 8).MaxPool(2, 2)], c => [c.Variable([1, 2, 5, 6], -5, 5).MaxPool(3, 1, padding: 1)]],
        ["AveragePool"] = [c => [c.Variable([2, 2, 5, 5]).AveragePool(2, 2)], c => [c.Variable([1, 2, 5, 6]).AveragePool(3, 2, padding: 1)]],
        ["GlobalAveragePool"] = [c => [c.Variable([2, c.Size(), c.Size(), c.Size()]).GlobalAveragePool()]],

        ["Gather"] = [c => Gather(c, 0), c => Gather(c, 1), c => Gather(c, 2)],
        ["GatherElements"] = [c => { var x = c.Variable([3, 4]); return [x.GatherElements(c.Indices([2, 4], 3), 0)]; }, c => { var x = c.Variable([3, 4]); return [x.GatherElements(c.Indices([3, 6], 4), -1)]; }],
        ["GatherND"] =
        [
            c => [c.Variable([3, 3, 2]).GatherND(c.Indices([5, 2], 3))], c => [c.Variable([3, 2]).GatherND(c.Indices([2, 4, 1], 3))],
            c => [c.Variable([2, 4, 3]).GatherND(c.Indices([2, 1], 4), batchDims: 1)],
        ],
        ["ScatterElements"] =
        [
            c => [c.Variable([4, 3]).ScatterElements(c.Graph.Constant(TensorData.Of([2L, 0, 1, 0, 3, 2], 2, 3)), c.Variable([2, 3]), 0)],
            c => [c.Variable([4, 3]).ScatterElements(c.Indices([5, 3], 4), c.Variable([5, 3]), 0, add: true)],
        ],
        ["TopK"] = [c => [c.Variable([c.Size(), 5]).TopK(3).Values], c => [c.Variable([5, c.Size()]).TopK(2, axis: 0).Values]],
        ["CumSum"] = [.. from exclusive in new[] { 0L, 1 } from reverse in new[] { 0L, 1 } select (Func<GradientCase, Tensor[]>)(c =>
            [c.Graph.Add("CumSum", new Attributes(("exclusive", exclusive), ("reverse", reverse)), c.Variable(c.Shape(2)), c.Graph.Constant(TensorData.Scalar(1L)))])],
        ["Trilu"] = [c => [c.Graph.Add("Trilu", new Attributes(("upper", 0L)), c.Variable([c.Size(), c.Size()]))]],

        ["SpMM"] = [c => SpMM(c, transposed: false), c => SpMM(c, transposed: true)],
        ["SpMMAdd"] = [SpMMAdd],
        ["RowLogSumExp"] = [c => [c.Variable([c.Size(), c.Size()]).LogSumExp([1])], c => [c.Variable([3, 37]).LogSumExp([-1])]],
        ["SDDMM"] = [SDDMM],
        ["RowScatter"] = [c => { var n = c.Size(); return [c.Variable([n, c.Size()]).RowScatter(c.Indices([n], 6), c.Graph.Integers(6))]; }],
        ["RowScatterAdd"] = [RowScatterAdd],
        ["QuickGelu"] = [c => Unary(c, x => x.QuickGelu())],
        ["Attention"] = [c => Attention(c, hasBias: false), c => Attention(c, hasBias: true)],
        ["GemmNT"] = [c => OwnGemm(c, transA: false, transB: true)],
        ["GemmNN"] = [c => OwnGemm(c, transA: false, transB: false)],
        ["GemmTN"] = [c => OwnGemm(c, transA: true, transB: false)],
        ["RowsMatMul"] = [c => { var k = c.Size(); return [c.Graph.Add("RowsMatMul", c.Variable([c.Size(), c.Size(), k]), c.Variable([k, c.Size()]))]; }],
    };

    private static Tensor[] Unary(GradientCase c, Func<Tensor, Tensor> apply) => [apply(c.Variable(c.Shape(c.Random.NextInt32(4))))];

    private static Tensor[] Binary(GradientCase c, Func<Tensor, Tensor, Tensor> apply)
    {
        var shape = c.Shape(1 + c.Random.NextInt32(3));
        var (a, b) = (c.Variable(shape), c.Variable(c.BroadcastWith(shape)));
        return [c.Random.NextInt32(2) == 0 ? apply(a, b) : apply(b, a)];
    }

    private static Func<GradientCase, Tensor[]>[] Reductions(Func<Tensor, int[]?, bool, Tensor> reduce) =>
    [
        c => [reduce(c.Variable(c.Shape(3)), null, false)], c => [reduce(c.Variable(c.Shape(3)), [1], true)],
        c => [reduce(c.Variable(c.Shape(3)), [0, -1], false)],
    ];

    private static Tensor[] Gemm(GradientCase c, bool transA, bool transB)
    {
        var (m, k, n) = (c.Size(), c.Size(), c.Size());
        var bias = c.Variable(c.BroadcastWith([m, n]));
        return [c.Variable(transA ? [k, m] : [m, k]).Gemm(c.Variable(transB ? [n, k] : [k, n]), bias, transA, transB, alpha: 1.5f, beta: 0.5f)];
    }

    private static Tensor[] Attention(GradientCase c, bool hasBias)
    {
        var (b, t, keys, h, d) = (c.Size(), c.Size(), c.Size(), c.Size(), c.Size());
        Shape shape = [b, keys, h, d];
        return [c.Variable([b, t, h, d]).Attention(c.Variable(shape), c.Variable(shape), hasBias ? c.Variable(c.BroadcastWith([b, h, t, keys])) : null)];
    }

    // No method writes it: it takes the place of a Gemm when a graph is written.
    private static Tensor[] OwnGemm(GradientCase c, bool transA, bool transB)
    {
        var (m, k, n) = (c.Size(), c.Size(), c.Size());
        return [c.Graph.Add(new OwnProduct(transA, transB).Name, c.Variable(transA ? [k, m] : [m, k]), c.Variable(transB ? [n, k] : [k, n]), c.Variable([n]))];
    }

    private static Tensor[] Linear(GradientCase c)
    {
        var (inputs, outputs) = (c.Size(), c.Size());
        return [c.Variable([c.Size(), c.Size(), inputs]).Linear(c.Variable([outputs, inputs]), c.Variable([outputs]))];
    }

    private static Tensor[] BatchNormalization(GradientCase c)
    {
        var x = c.Variable([2, 3, c.Size(), c.Size()]);
        var (mean, variance) = (c.Graph.Constant(TensorData.Of([0.1f, 0.2f, -0.3f])), c.Graph.Constant(TensorData.Of([0.5f, 1.5f, 2f])));
        return [c.Graph.Add("BatchNormalization", x, c.Variable([3]), c.Variable([3]), mean, variance)];
    }

    private static Tensor[] Conv(GradientCase c, int size, int kernel, int stride, int padding, int dilation, int groups) =>
        [c.Variable([2, 2 * groups, size, size]).Conv(c.Variable([3 * groups, 2, kernel, kernel], -1), c.Variable([3 * groups]), stride, padding, dilation, groups)];

    private static Tensor[] Gather(GradientCase c, int axis)
    {
        var x = c.Variable(c.Shape(3));
        return [x.Gather(c.Indices(c.Shape(c.Random.NextInt32(3)), x.Shape[axis].Value), axis)];
    }

    private static Tensor[] RowScatterAdd(GradientCase c)
    {
        var (n, d) = (c.Size(), c.Size());
        return [c.Graph.Add("RowScatterAdd", c.Variable([n, d]), c.Indices([n], 6), c.Graph.Integers(6), c.Variable([6, d]))];
    }

    // No method writes it: it takes the place of a product and an addition when a graph is written.
    private static Tensor[] SpMMAdd(GradientCase c)
    {
        var product = SpMM(c, transposed: false)[0];
        return [c.Graph.Add("SpMMAdd", [.. product.Producer!.Inputs, c.Variable(product.Shape)])];
    }

    private static Tensor[] SpMM(GradientCase c, bool transposed)
    {
        var (pattern, count) = Pattern(c);
        var matrix = new SparseMatrix("a", pattern, c.Variable([count]));
        return [transposed ? matrix.Transpose * c.Variable([pattern.Rows, c.Size()]) : matrix * c.Variable([pattern.Columns, c.Size()])];
    }

    private static Tensor[] SDDMM(GradientCase c)
    {
        var ((pattern, count), d) = (Pattern(c), c.Size());
        var matrix = new SparseMatrix("a", pattern, c.Graph.Constant(TensorData.Of(new float[count])));
        return [matrix.Products(c.Variable([pattern.Rows, d]), c.Variable([pattern.Columns, d]))];
    }

    private static (SparsePattern Pattern, int Count) Pattern(GradientCase c)
    {
        var (rows, columns, count) = (2 + c.Size(), 1 + c.Size(), 3 + c.Random.NextInt32(20));
        int[] Draw(int limit) => [.. Enumerable.Range(0, count).Select(_ => c.Random.NextInt32(limit))];
        return (SparsePattern.FromCoordinates(rows, columns, Draw(rows), Draw(columns)), count);
    }
}
