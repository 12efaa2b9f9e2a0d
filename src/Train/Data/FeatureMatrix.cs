namespace LmmRec.Train.Data;

/// <summary>The features of one modality for all items, without gaps.</summary>
/// <param name="values">[I × Width] float32, row by row</param>
/// <param name="width">F, the length of a vector</param>
public sealed class FeatureMatrix(float[] values, int width)
{
    private float[]? _values = values;

    /// <summary>[I × Width] float32, row by row.</summary>
    /// <exception cref="InvalidOperationException">They were released.</exception>
    public float[] Values => _values ?? throw new InvalidOperationException("these features were handed to a model; read them again for the next one");

    /// <summary>F, the length of a vector.</summary>
    public int Width => width;

    /// <summary>I, the number of rows.</summary>
    public int Items { get; } = values.Length / width;

    /// <summary>Lets go of the values: they can be the largest thing in memory, and a model that trains them has a copy.</summary>
    public void Release() => _values = null;
}
