namespace LmmRec.Ranking;

/// <summary>The vectors of all users or all items, one per row.</summary>
public readonly struct Vectors
{
    private readonly ReadOnlyMemory<float> _values;

    /// <param name="values"><c>[count × dimension]</c>, row by row; not copied</param>
    /// <param name="dimension">length of each vector, at least 1</param>
    /// <exception cref="ArgumentException">The values are no whole number of vectors.</exception>
    public Vectors(ReadOnlyMemory<float> values, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        if (values.Length % dimension != 0)
            throw new ArgumentException($"{values.Length} values are no whole number of vectors of {dimension}", nameof(values));
        _values = values;
        Dimension = dimension;
    }

    /// <summary>Length of each vector.</summary>
    public int Dimension { get; }

    /// <summary>Number of vectors.</summary>
    public int Count => _values.Length / Dimension;

    /// <summary>One vector.</summary>
    public ReadOnlySpan<float> this[int row] => _values.Span.Slice(row * Dimension, Dimension);

    /// <summary>The largest absolute value.</summary>
    /// <param name="owner">whose vectors these are, for the error</param>
    /// <exception cref="InvalidVectorException">A value is NaN or infinite.</exception>
    internal float LargestValue(VectorOwner owner)
    {
        var values = _values.Span;
        var largest = 0f;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) throw new InvalidVectorException(owner, i / Dimension, $"holds {values[i]} at position {i % Dimension}");
            largest = MathF.Max(largest, MathF.Abs(values[i]));
        }
        return largest;
    }
}
