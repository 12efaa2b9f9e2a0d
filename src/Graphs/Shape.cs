using System.Collections;
using System.Runtime.CompilerServices;

namespace LmmRec.Graphs;

/// <summary>The dimensions of a tensor, written as a collection expression: <c>["batch", 64]</c>. The rank is always known.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape(params Dim[] dims) : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] _dims = dims;

    public static Shape Create(ReadOnlySpan<Dim> dims) => new(dims.ToArray());

    public static Shape Of(ReadOnlySpan<long> dims) => new(Array.ConvertAll(dims.ToArray(), d => (Dim)d));

    public int Rank => _dims.Length;

    /// <summary>The rank, under the name that <c>shape[^1]</c> needs.</summary>
    public int Count => Rank;

    public Dim this[int index] => _dims[index];

    /// <summary>Whether all dimensions are numbers.</summary>
    public bool IsFixed => Array.TrueForAll(_dims, d => d.IsFixed);

    /// <summary>The product of all dimensions; 1 for a scalar.</summary>
    public Dim Size => _dims.Aggregate((Dim)1, (product, d) => product * d);

    /// <summary>The dimensions as numbers; throws where one has a name.</summary>
    public long[] ToArray() => Array.ConvertAll(_dims, d => d.Value);

    /// <summary>A copy of the dimensions, to be changed.</summary>
    internal Dim[] ToArrayOfDims() => (Dim[])_dims.Clone();

    /// <summary>The same shape with <paramref name="dim"/> at <paramref name="axis"/>.</summary>
    public Shape With(int axis, Dim dim)
    {
        var dims = (Dim[])_dims.Clone();
        dims[axis] = dim;
        return new Shape(dims);
    }

    /// <summary>What elementwise operators make of two shapes (NumPy's rule), or null where they do not fit.</summary>
    public static Shape? Broadcast(Shape a, Shape b)
    {
        var dims = new Dim[Math.Max(a.Rank, b.Rank)];
        for (var i = 1; i <= dims.Length; i++)
        {
            var (x, y) = (i <= a.Rank ? a[^i] : 1, i <= b.Rank ? b[^i] : 1);
            if (x != y && x != 1 && y != 1) return null;
            dims[^i] = x == 1 ? y : x;
        }
        return new Shape(dims);
    }

    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"[{string.Join(", ", _dims)}]";

    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)_dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _dims.GetEnumerator();
}
