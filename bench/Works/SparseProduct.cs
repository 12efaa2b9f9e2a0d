using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>The normalised adjacency times a dense matrix of 64 columns, by the kernel or by standard operators.</summary>
internal sealed class SparseProduct : Work
{
    private const int D = 64;

    private readonly Interactions _data;
    private readonly Dictionary<string, NativeTensor> _buffers;
    private readonly TemporaryFolder _folder = new();
    private readonly RuntimeOptions _runtime;
    private readonly HostMemory _memory = new();
    private BoundGraph? _graph;

    public SparseProduct(Arguments arguments, bool kernels)
    {
        _data = new Interactions(arguments.Inter).Times(arguments.Scale);
        var (pattern, values) = _data.Adjacency();
        var g = new Graph("product");
        var x = g.Input("x", ElementType.Float32, [pattern.Columns, D]);
        g.Output("y", new SparseMatrix("adjacency", pattern, g.Constant(TensorData.Of(values), "values")) * x);
        _buffers = new[] { "x", "y" }.ToDictionary(name => name, _ => new NativeTensor(ElementType.Float32, [pattern.Rows, D]));
        var random = new SeededRandom(1);
        foreach (ref var value in _buffers["x"].Floats) value = (float)random.NextNormal();

        g.Save(_folder.PathOf("product.onnx"));
        _runtime = arguments.Runtime with { Kernels = kernels };
    }

    public override string What => $"{_data.Users} users, {_data.Items} items, {_data.Pairs.Length} train pairs";

    public override void Open() => _graph = new BoundGraph(_folder.PathOf("product.onnx"), _runtime, _memory, _buffers.GetValueOrDefault);

    public override void Run() => _graph!.Run(0, []);

    public override void Dispose()
    {
        _graph?.Dispose();
        _folder.Dispose();
        foreach (var buffer in _buffers.Values) buffer.Dispose();
    }
}
