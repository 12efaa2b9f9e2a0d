using System.Runtime.InteropServices;

namespace LmmRec.Ranking.Internals;

/// <summary>Vectors in the order in which the kernel reads them: groups of rows, and within a group dimension by dimension. Aligned to cache lines.</summary>
internal sealed unsafe class PackedVectors : SafeHandle
{
    private const int CacheLine = 64;

    private readonly int _width;
    private readonly int _dimension;

    /// <param name="capacity">rows that fit</param>
    /// <param name="width">rows of a group, W</param>
    /// <param name="dimension">length of each vector, D</param>
    public PackedVectors(int capacity, int width, int dimension) : base(0, ownsHandle: true)
    {
        _width = width;
        _dimension = dimension;
        Groups = (capacity + width - 1) / width;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Groups * (nuint)width * (nuint)dimension * sizeof(float), CacheLine));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Number of groups; the last may hold rows that stand for nobody.</summary>
    public int Groups { get; }

    /// <summary>One group, [D, W].</summary>
    public float* Group(int group) => (float*)handle + (nint)group * _width * _dimension;

    /// <summary>Puts a vector in its place.</summary>
    public void Set(int row, ReadOnlySpan<float> vector)
    {
        var to = Group(row / _width) + row % _width;
        foreach (var value in vector)
        {
            *to = value;
            to += _width;
        }
    }

    /// <summary>Fills the rows from <paramref name="first"/> to the end of its group with zeros.</summary>
    public void ClearRestOfGroup(int first)
    {
        for (var row = first; row % _width != 0; row++)
            for (var k = 0; k < _dimension; k++) Group(row / _width)[k * _width + row % _width] = 0;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
