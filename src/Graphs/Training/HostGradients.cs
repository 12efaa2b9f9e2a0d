using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>Gradients in the host's memory.</summary>
/// <param name="trained">the trained parameters</param>
/// <param name="memory">the host's</param>
/// <param name="threads">for what is summed here; 0 takes all cores, and none of it depends on their number</param>
internal sealed class HostGradients(IEnumerable<ParameterInfo> trained, HostMemory memory, int threads) : Gradients(trained, memory)
{
    private readonly Dictionary<string, float[]> _sums = new(StringComparer.Ordinal); // weighted gradients of the micro-batches before the last
    private bool _summed; // whether they hold any

    public override void AddToSums(double weight)
    {
        foreach (var (name, values) in All())
        {
            if (!_sums.TryGetValue(name, out var sum)) _sums[name] = sum = new float[values.Floats.Length];
            if (!_summed) TensorPrimitives.Multiply(values.Floats, (float)weight, sum);
            else if (!IsZero(name)) TensorPrimitives.MultiplyAdd(values.Floats, (float)weight, sum, sum);
        }
        _summed = true;
    }

    public override bool TakeSums(double weight)
    {
        if (!_summed && weight == 1) return false;
        if (!_summed) Scale(weight);
        else
        {
            foreach (var (name, values) in All()) TensorPrimitives.MultiplyAdd(values.Floats, (float)weight, _sums[name], values.Floats);
            ForgetZeros();
        }
        _summed = false;
        return true;
    }

    public override void DropSums() => _summed = false;

    public override (double Norm, string? NotFinite) Norm()
    {
        var sum = 0.0;
        foreach (var (name, values) in All().Where(t => !IsZero(t.Name)))
            if (SumOfSquares.Of(values, threads) is var squares && double.IsNaN(squares)) return (squares, name);
            else sum += squares;
        return (Math.Sqrt(sum), null);
    }

    public override void Scale(double factor)
    {
        foreach (var (_, values) in All()) TensorPrimitives.Multiply(values.Floats, (float)factor, values.Floats);
    }

    private IEnumerable<(string Name, NativeTensor Values)> All() => Tensors.Select(t => (t.Key, (NativeTensor)t.Value));
}
