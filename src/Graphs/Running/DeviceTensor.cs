using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LmmRec.Graphs;

/// <summary>A tensor in a device's memory.</summary>
internal sealed unsafe class DeviceTensor : BoundTensor
{
    private readonly DeviceMemory _memory;
    private readonly OrtValue _words; // owns the memory
    private readonly nint _address;

    /// <exception cref="DeviceUnavailableException">The memory is full.</exception>
    public DeviceTensor(DeviceMemory memory, ElementType type, long[] shape) : base(type, shape)
    {
        _memory = memory;
        _words = memory.Take(Bytes);
        _address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_words.GetTensorMutableDataAsSpan<ulong>())); // never read here
        Value = OrtValue.CreateTensorValueWithData(memory.Info, (TensorElementType)type, shape, _address, Bytes);
    }

    public override Place Place => Place.Device;

    public override OrtValue Value { get; }

    public override void CopyIn(long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        fixed (byte* first = bytes)
        {
            using OrtValue host = OnHost(first, bytes.Length), here = _memory.BytesAt(_address + (nint)offset, bytes.Length);
            _memory.Copy(host, here);
        }
    }

    public override void CopyOut(long offset, Span<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        fixed (byte* first = bytes)
        {
            using OrtValue host = OnHost(first, bytes.Length), here = _memory.BytesAt(_address + (nint)offset, bytes.Length);
            _memory.Copy(here, host);
        }
    }

    public override void Clear()
    {
        for (var done = 0L; done < Bytes; done += DeviceMemory.ZeroBytes)
        {
            var count = Math.Min(DeviceMemory.ZeroBytes, Bytes - done);
            using OrtValue zeros = _memory.BytesAt(_memory.Zeros._address, count), here = _memory.BytesAt(_address + (nint)done, count);
            _memory.Copy(zeros, here);
        }
    }

    public override void Dispose()
    {
        Value.Dispose();
        _words.Dispose();
    }

    private static OrtValue OnHost(byte* first, int count) =>
        OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.UInt8, [count], (nint)first, count);
}
