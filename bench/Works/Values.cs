using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>Random inputs.</summary>
internal static class Values
{
    public static TensorData Normal(Shape shape, SeededRandom random)
    {
        var data = TensorData.Zeros(ElementType.Float32, shape.ToArray());
        foreach (ref var value in data.As<float>().AsSpan()) value = (float)random.NextNormal();
        return data;
    }
}
