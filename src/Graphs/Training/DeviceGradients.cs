namespace LmmRec.Graphs;

/// <summary>
/// Gradients in a device's memory. Graphs add, scale and measure them there; only the sum of their squares comes to the host. No tensor is input and
/// output of one graph, so the sums lie in two sets that take turns.
/// </summary>
internal sealed class DeviceGradients : Gradients
{
    private const string Squares = "squares";

    private readonly RuntimeOptions _options;
    private readonly NativeTensor _squares; // to which the device's sum is copied at each run
    private readonly BoundGraph _norm;
    private readonly GradientSums _sums;
    private bool _summed; // whether the sums hold any

    public DeviceGradients(IReadOnlyList<ParameterInfo> trained, TensorMemory memory, RuntimeOptions options) : base(trained, memory)
    {
        (_options, _squares) = (options, memory.AllocateNumber(ElementType.Float64));
        _norm = new BoundGraph(SumOfAllSquares(), options, memory, name => name == Squares ? _squares : Tensors[name]);
        _sums = new GradientSums(Tensors, memory, options);
    }

    public override IEnumerable<Binding> Bindings => _norm.Bindings.Concat(_sums.Bindings);

    public override void AddToSums(double weight)
    {
        if (_summed) _sums.Add(weight);
        else _sums.Begin(weight);
        _summed = true;
    }

    public override bool TakeSums(double weight)
    {
        if (!_summed && weight == 1) return false;
        AddToSums(weight);
        _sums.Take();
        ForgetZeros();
        _summed = false;
        return true;
    }

    public override void DropSums() => _summed = false;

    public override (double Norm, string? NotFinite) Norm()
    {
        _norm.Run(0, []);
        var squares = _squares.Read().As<double>()[0];
        return double.IsFinite(squares) ? (Math.Sqrt(squares), null) : NormOnHost();
    }

    public override void Scale(double factor)
    {
        _sums.Begin(factor);
        _sums.Take();
    }

    public override void Dispose()
    {
        _norm.Dispose();
        _sums.Dispose();
        base.Dispose();
    }

    private Graph SumOfAllSquares()
    {
        var g = new Graph("gradient_norm");
        var squares = Tensors.Select(t => g.Input(t.Key, t.Value.Type, Shape.Of(t.Value.Shape)).ReduceSumSquare().Cast(ElementType.Float64));
        g.Output(Squares, squares.Aggregate((sum, next) => sum + next));
        return g;
    }

    // Either an element is not finite, or its square is too large for a float: the host tells these apart, and which gradient it is.
    private (double Norm, string? NotFinite) NormOnHost()
    {
        var sum = 0.0;
        foreach (var (name, tensor) in Tensors)
        {
            using var values = NativeTensor.Over(tensor.Read());
            var squares = SumOfSquares.Of(values, _options.Threads);
            if (double.IsNaN(squares)) return (squares, name);
            sum += squares;
        }
        return (Math.Sqrt(sum), null);
    }
}
