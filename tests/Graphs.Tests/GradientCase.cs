using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>A graph around one operator, with random shapes and values: what <see cref="GradientCases"/> writes an operator's cases with.</summary>
internal sealed class GradientCase(SeededRandom random)
{
    public Graph Graph { get; } = new("case");

    public SeededRandom Random { get; } = random;

    public List<Tensor> Variables { get; } = [];

    public Dictionary<string, TensorData> Values { get; } = [];

    /// <summary>A size from 1 (rarely) to 4.</summary>
    public int Size(int atLeast = 1) => atLeast + Random.NextInt32(5 - atLeast);

    public Shape Shape(int rank, int atLeast = 1) => new([.. Enumerable.Range(0, rank).Select(_ => (Dim)Size(atLeast))]);

    /// <summary>A shape that broadcasts with <paramref name="shape"/>: some axes are 1, leading ones may be missing.</summary>
    public Shape BroadcastWith(Shape shape) =>
        new([.. shape.Skip(Random.NextInt32(shape.Rank + 1)).Select(d => Random.NextInt32(3) == 0 ? 1 : d)]);

    /// <summary>A variable whose values are apart from each other and from the kinks at 0 and ±1, so that differences stay on one side.</summary>
    public Tensor Variable(Shape shape, double low = -2, double high = 2)
    {
        var size = (int)shape.Size.Value;
        var values = new float[size];
        for (var i = 0; i < size; i++) values[i] = (float)(low + (high - low) * (i + 0.3 + 0.4 * Random.NextDouble()) / size);
        Random.Shuffle<float>(values);
        foreach (ref var value in values.AsSpan())
            if (MathF.Round(value) is var kink && Math.Abs(value - kink) < 0.06) value = kink + (value < kink ? -0.06f : 0.06f);
        return Register(shape, values);
    }

    public Tensor Positive(Shape shape) => Variable(shape, 0.3, 2.5);

    /// <summary>A constant of indices below <paramref name="limit"/>, which repeat.</summary>
    public Tensor Indices(Shape shape, long limit) =>
        Graph.Constant(TensorData.Of([.. Enumerable.Range(0, (int)shape.Size.Value).Select(_ => (long)Random.NextInt32((int)limit))]).Reshaped(shape.ToArray()));

    /// <summary>A variable with values on a grid of step 0.4 around <paramref name="offset"/>: two of them with different offsets are never near each other.</summary>
    public Tensor OnGrid(Shape shape, double offset) =>
        Register(shape, [.. Enumerable.Range(0, (int)shape.Size.Value).Select(_ => (float)(0.4 * (Random.NextInt32(9) - 4) + offset))]);

    private Tensor Register(Shape shape, float[] values)
    {
        var name = $"x{Variables.Count}";
        Values[name] = TensorData.Of(values).Reshaped(shape.ToArray());
        Variables.Add(Graph.Input(name, ElementType.Float32, shape));
        return Variables[^1];
    }
}
