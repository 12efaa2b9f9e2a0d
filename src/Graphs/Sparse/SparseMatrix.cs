namespace LmmRec.Graphs;

/// <summary>
/// A sparse matrix in a graph: a pattern, whose arrays are constants of the graph, and a vector of values, which is any tensor: a constant, an
/// input that edge dropout changes at every batch, or something that is trained.
/// </summary>
public sealed class SparseMatrix
{
    private readonly SparseTensors _pattern;
    private readonly SparseTensors _transpose;

    /// <summary>
    /// The matrix of <paramref name="pattern"/> whose non-zeros have the <paramref name="values"/> (float32) that the pattern's positions point at.
    /// Constants take their names from <paramref name="name"/>.
    /// </summary>
    public SparseMatrix(string name, SparsePattern pattern, Tensor values)
    {
        Require(values, pattern.NonZeros);
        Values = values;
        _pattern = new SparseTensors(values.Graph, name, pattern, like: null);
        _transpose = new SparseTensors(values.Graph, name + "ᵀ", pattern.Transpose(), like: _pattern);
    }

    /// <summary>
    /// A matrix that is fed at every run, as <see cref="Feed"/> makes it: pattern and values may differ from run to run, and so may the number of
    /// non-zeros where <paramref name="nonZeros"/> does not fix it. Together with <see cref="With"/> only the pattern is fed, as <see cref="FeedPattern"/> makes it.
    /// </summary>
    public static SparseMatrix Input(Graph graph, string name, int rows, int columns, int? nonZeros = null)
    {
        var count = nonZeros is { } known ? known : (Dim)(name + "_non_zeros");
        return new SparseMatrix(
            graph.Input(name + "/values", ElementType.Float32, [count]), new SparseTensors(graph, name, rows, count), new SparseTensors(graph, name + "ᵀ", columns, count));
    }

    private SparseMatrix(Tensor values, SparseTensors pattern, SparseTensors transpose) => (Values, _pattern, _transpose) = (values, pattern, transpose);

    /// <summary>[non-zeros]</summary>
    public Tensor Values { get; }

    /// <summary>The values and the inputs of a matrix that is fed, in the order of <see cref="Feed"/>.</summary>
    public IReadOnlyList<Tensor> Inputs => [Values, .. PatternInputs];

    /// <summary>Those of them that say where the non-zeros lie, in the order of <see cref="FeedPattern"/>.</summary>
    public IReadOnlyList<Tensor> PatternInputs => [.. _pattern.All, .. _transpose.All];

    /// <summary>What <see cref="Inputs"/> are fed for a matrix of <paramref name="pattern"/> with <paramref name="values"/>.</summary>
    public static IReadOnlyList<TensorData> Feed(SparsePattern pattern, float[] values) => [TensorData.Of(values), .. FeedPattern(pattern)];

    /// <summary>What <see cref="PatternInputs"/> are fed for a matrix of <paramref name="pattern"/>.</summary>
    public static IReadOnlyList<TensorData> FeedPattern(SparsePattern pattern) =>
        [.. SparseTensors.Arrays(pattern).Select(a => a.Data), .. SparseTensors.Arrays(pattern.Transpose()).Select(a => a.Data)];

    /// <summary>The transpose, over the same values.</summary>
    public SparseMatrix Transpose => new(Values, _transpose, _pattern);

    /// <summary>The same pattern with other values.</summary>
    public SparseMatrix With(Tensor values)
    {
        Require(values, Values.Shape[0]);
        return new SparseMatrix(values, _pattern, _transpose);
    }

    /// <summary>The product: <c>[rows, n] · [n, d] → [rows, d]</c>. It has gradients in the values and in <paramref name="x"/>.</summary>
    public static Tensor operator *(SparseMatrix a, Tensor x) => SparseOperators.Multiply(a.Values, x, a._pattern.All, a._transpose.All);

    /// <summary>
    /// The dot product of row i of <paramref name="a"/> and row j of <paramref name="b"/> for each non-zero [i, j], in the order of the values:
    /// <c>[rows, d], [columns, d] → [non-zeros]</c>. It has gradients in both.
    /// </summary>
    public Tensor Products(Tensor a, Tensor b) => SparseOperators.Sample(a, b, _pattern.All, _transpose.All);

    private static void Require(Tensor values, Dim nonZeros)
    {
        if (values.Type != ElementType.Float32 || !values.Shape.Equals([nonZeros]))
            throw new GraphException($"a sparse matrix of {nonZeros} non-zeros needs values Float32 [{nonZeros}]; '{values.Name}' is {values.Type} {values.Shape}");
    }
}
