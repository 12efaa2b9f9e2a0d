using System.Buffers;
using System.Runtime.InteropServices;

namespace LmmRec.Graphs.Kernels;

/// <summary>Pooled memory that begins at a cache line.</summary>
internal readonly unsafe ref struct Workspace
{
    private const int Line = 64;
    private readonly float[] _array;
    private readonly GCHandle _pin;

    public Workspace(long length)
    {
        _array = ArrayPool<float>.Shared.Rent(checked((int)length + Line / sizeof(float)));
        _pin = GCHandle.Alloc(_array, GCHandleType.Pinned);
        Data = (float*)((_pin.AddrOfPinnedObject() + Line - 1) & ~(nint)(Line - 1));
    }

    public float* Data { get; }

    public void Dispose()
    {
        _pin.Free();
        ArrayPool<float>.Shared.Return(_array);
    }
}
