using System.Numerics.Tensors;
using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs;

/// <summary>
/// The native tensors of a training: parameters and moments in one set or in two that take turns, gradients, losses and frozen tables. All are
/// bound once and never copied.
/// </summary>
internal sealed class TrainingBuffers : IDisposable
{
    private const int Chunk = 1 << 16; // elements that are summed in single precision before they are added in double

    private readonly Dictionary<string, NativeTensor>[] _sets;
    private readonly Dictionary<string, NativeTensor> _fixed = new(StringComparer.Ordinal);
    private readonly (string Parameter, string Gradient)[] _trained;
    private readonly (string Parameter, string Gradient)[] _differentiated; // these and the leaves
    private readonly Dictionary<string, float[]> _sums = new(StringComparer.Ordinal); // weighted gradients of the micro-batches before the last
    private bool _summed; // whether they hold any
    private readonly HashSet<string> _zero = new(StringComparer.Ordinal); // gradients that hold zeros
    private readonly ParallelOptions _parallel;
    private int _current;

    /// <param name="description">parameters and losses</param>
    /// <param name="frozen">the tables that never change; they are not copied</param>
    /// <param name="sets">
    /// 1 where the kernel of AdamStep updates in place: it reads an element before it writes it. 2 for standard operators, for which one buffer must
    /// never be input and output of one graph.
    /// </param>
    /// <param name="threads">for what is summed here; 0 takes all cores, and none of it depends on their number</param>
    public TrainingBuffers(TrainingDescription description, IReadOnlyDictionary<string, TensorData> frozen, int sets, int threads)
    {
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        _trained = [.. description.Parameters.Where(p => p.Trainable).Select(p => (p.Name, OptimizerGraph.GradientOf(p.Name)))];
        _differentiated = [.. _trained, .. description.Plan.Leaves.Select(name => (name, OptimizerGraph.GradientOf(name)))];
        _sets = [.. Enumerable.Range(0, sets).Select(_ => new Dictionary<string, NativeTensor>(StringComparer.Ordinal))];
        foreach (var p in description.Parameters.Where(p => p.Trainable))
        {
            _fixed[OptimizerGraph.GradientOf(p.Name)] = new NativeTensor(p.Type, p.Shape);
            foreach (var set in _sets)
                foreach (var name in OptimizerGraph.StateOf(p.Name)) set[name] = new NativeTensor(p.Type, p.Shape);
        }
        foreach (var leaf in description.Parameters.Where(p => description.Plan.Leaves.Contains(p.Name)))
        {
            _fixed[OptimizerGraph.GradientOf(leaf.Name)] = new NativeTensor(leaf.Type, leaf.Shape);
            var values = new NativeTensor(leaf.Type, leaf.Shape); // no update makes a next one, so it is the same in all sets
            foreach (var set in _sets) set[leaf.Name] = values;
        }
        foreach (var (name, data) in frozen) _fixed[name] = NativeTensor.Over(data);
        foreach (var name in description.Plan.Scalars()) _fixed[name] = new NativeTensor(ElementType.Float32, []);
    }

    /// <summary>Which of the layouts is the present one.</summary>
    public int Layout => _current;

    /// <summary>The present parameters and moments.</summary>
    public IReadOnlyDictionary<string, NativeTensor> State => _sets[_current];

    /// <summary>What each name is bound to, for each layout: inputs come from its set, what the optimizer updates goes to the next one.</summary>
    public Func<string, NativeTensor?>[] Layouts(string? loss = null) => [.. _sets.Select((set, current) =>
    {
        var next = _sets[(current + 1) % _sets.Length].ToDictionary(t => OptimizerGraph.Next(t.Key), t => t.Value, StringComparer.Ordinal);
        var gradients = _differentiated.Where(_ => loss is not null).ToDictionary(p => OptimizerGraph.GradientOf(p.Parameter, loss!), p => _fixed[p.Gradient], StringComparer.Ordinal);
        return (Func<string, NativeTensor?>)(name => set.GetValueOrDefault(name) ?? _fixed.GetValueOrDefault(name) ?? next.GetValueOrDefault(name) ?? gradients.GetValueOrDefault(name));
    })];

    /// <summary>The buffer of a parameter, gradient or loss; null where there is none.</summary>
    public NativeTensor? Find(string name) => State.GetValueOrDefault(name) ?? _fixed.GetValueOrDefault(name);

    /// <summary>What the optimizer wrote becomes the present state.</summary>
    public void Turn() => _current = (_current + 1) % _sets.Length;

    /// <summary>Gradients that a loss does not reach are zero, whatever another loss left in them.</summary>
    public void ClearUnreached(string loss, IReadOnlyList<string> outputs)
    {
        foreach (var (parameter, gradient) in _differentiated)
        {
            if (outputs.Contains(gradient) || outputs.Contains(OptimizerGraph.GradientOf(parameter, loss))) _zero.Remove(gradient);
            else if (_zero.Add(gradient)) _fixed[gradient].Floats.Clear();
        }
    }

    /// <summary>Adds <paramref name="weight"/> times the present gradients to the sums, before those of the next micro-batch take their place.</summary>
    public void AddToSums(double weight)
    {
        foreach (var (_, gradient) in _trained)
        {
            var values = _fixed[gradient].Floats;
            if (!_sums.TryGetValue(gradient, out var sum)) _sums[gradient] = sum = new float[values.Length];
            if (!_summed) TensorPrimitives.Multiply(values, (float)weight, sum);
            else if (!_zero.Contains(gradient)) TensorPrimitives.MultiplyAdd(values, (float)weight, sum, sum);
        }
        _summed = true;
    }

    /// <summary>Puts the sums, with <paramref name="weight"/> times the present gradients, in the place of the gradients; gives whether that changed them.</summary>
    public bool TakeSums(double weight)
    {
        if (!_summed && weight == 1) return false;
        if (!_summed) ScaleGradients(weight);
        else
        {
            foreach (var (_, gradient) in _trained) TensorPrimitives.MultiplyAdd(_fixed[gradient].Floats, (float)weight, _sums[gradient], _fixed[gradient].Floats);
            _zero.Clear();
        }
        _summed = false;
        return true;
    }

    /// <summary>Forgets the sums.</summary>
    public void DropSums() => _summed = false;

    /// <summary>The first gradient with an element that is not finite, if there is one, and else the norm of all gradients together.</summary>
    public (double Norm, string? NotFinite) GradientNorm()
    {
        var sum = 0.0;
        foreach (var (_, gradient) in _trained.Where(p => !_zero.Contains(p.Gradient)))
            if (SumOfSquares(_fixed[gradient]) is var squares && double.IsNaN(squares)) return (squares, gradient);
            else sum += squares;
        return (Math.Sqrt(sum), null);
    }

    public void ScaleGradients(double factor)
    {
        foreach (var (_, gradient) in _trained) TensorPrimitives.Multiply(_fixed[gradient].Floats, (float)factor, _fixed[gradient].Floats);
    }

    public void Dispose()
    {
        foreach (var buffer in _sets.SelectMany(s => s.Values).Concat(_fixed.Values)) buffer.Dispose();
    }

    // NaN where an element is not finite. Chunks are added in their order, whichever thread took them.
    private double SumOfSquares(NativeTensor gradient)
    {
        var length = gradient.Floats.Length;
        var sums = new double[(length + Chunk - 1) / Chunk];
        if (sums.Length == 1) sums[0] = SumOfSquares(gradient.Floats);
        else Parallel.For(0, sums.Length, _parallel, i => sums[i] = SumOfSquares(gradient.Floats.Slice(i * Chunk, Math.Min(Chunk, length - i * Chunk))));
        return sums.Sum();
    }

    private static unsafe double SumOfSquares(ReadOnlySpan<float> chunk)
    {
        fixed (float* first = chunk)
            return VectorMath.Dot(first, first, chunk.Length) is var squares && float.IsFinite(squares) ? squares : SumOfLargeSquares(chunk);
    }

    private static double SumOfLargeSquares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += float.IsFinite(value) ? (double)value * value : double.NaN;
        return sum;
    }
}
