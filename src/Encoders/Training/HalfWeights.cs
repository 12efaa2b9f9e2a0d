using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>Weights that are stored in 16 bits.</summary>
internal static class HalfWeights
{
    /// <summary>The nearest float16 numbers.</summary>
    /// <exception cref="InvalidInputException">A number is beyond 65,504, the largest of them.</exception>
    public static TensorData Of(string name, TensorData value)
    {
        var half = value.To(ElementType.Float16);
        foreach (var (wide, narrow) in value.ToFloats().Zip(half.ToFloats()))
            if (float.IsFinite(wide) && !float.IsFinite(narrow)) throw new InvalidInputException($"the weight '{name}' holds {wide}, which 16 bits cannot hold; store the weights in 32 bits (half: false)");
        return half;
    }
}
