using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LmmRec.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Tests;

/// <summary>
/// A device without hardware: graphs run on the processor in standard operators, as on any device, and the memory of a training is the host's at
/// other addresses, which only copies reach. Until it is written it holds values that are not numbers.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "the session that asked for the memory disposes of it")]
internal sealed class FakeDevice
{
    private Memory? _memory;

    public FakeDevice() => Options = new RuntimeOptions { Threads = 2, Kernels = false, Memory = options => _memory = new Memory(options, Room) };

    /// <summary>Bytes that it has for the tensors of a session; an allocation beyond them fails.</summary>
    public long Room { get; init; } = long.MaxValue;

    /// <summary>Whether the memory of the last session was given back.</summary>
    public bool IsDisposed => _memory!.IsDisposed;

    /// <summary>Bytes that the tensors take which lie on it now.</summary>
    public long Taken => _memory!.Taken;

    /// <summary>With them a session trains on the device.</summary>
    public RuntimeOptions Options { get; }

    /// <summary>Bytes that went from the host to the device since the last session was opened.</summary>
    public long CopiedIn => _memory!.CopiedIn;

    /// <summary>Bytes that were copied back to the host, without what the graphs gave out themselves.</summary>
    public long CopiedOut => _memory!.CopiedOut;

    /// <summary>How often something was copied, whichever way.</summary>
    public int Copies => _memory!.Copies;

    private sealed unsafe class Memory(RuntimeOptions options, long room) : DeviceMemory(options)
    {
        private const long TooMuch = 1L << 58; // elements: no machine has them, so ONNX Runtime refuses

        private readonly List<(nint First, long Bytes)> _own = [];
        private readonly Dictionary<(OrtIoBinding, string), BoundTensor> _bound = []; // copies of what was bound and lay on the host

        public long CopiedIn { get; private set; }

        public long CopiedOut { get; private set; }

        public int Copies { get; private set; }

        public bool IsDisposed { get; private set; }

        public long Taken => _own.Sum(own => own.Bytes);

        public override BoundTensor Allocate(ElementType type, long[] shape)
        {
            var tensor = base.Allocate(type, shape);
            _own.Add((AddressOf(tensor.Value), tensor.Bytes));
            tensor.FillChunks(bytes => bytes.Fill(0xff));
            CopiedIn -= tensor.Bytes;
            return tensor;
        }

        // As ONNX Runtime does it for a device: a value of the host is copied when it is bound.
        public override void BindInput(OrtIoBinding binding, string name, OrtValue value)
        {
            if (!IsOwn(value))
            {
                var shape = value.GetTensorTypeAndShape();
                var copy = Allocate((ElementType)shape.ElementDataType, shape.Shape);
                copy.CopyIn(0, value.GetTensorMutableRawData());
                if (_bound.Remove((binding, name), out var before))
                {
                    _own.Remove((AddressOf(before.Value), before.Bytes));
                    before.Dispose();
                }
                _bound[(binding, name)] = copy;
                value = copy.Value;
            }
            base.BindInput(binding, name, value);
        }

        public override void Copy(OrtValue from, OrtValue to)
        {
            Copies++;
            if (!IsOwn(from)) CopiedIn += to.GetTensorMutableRawData().Length;
            if (!IsOwn(to)) CopiedOut += to.GetTensorMutableRawData().Length;
            base.Copy(from, to);
        }

        public override void Dispose()
        {
            IsDisposed = true;
            base.Dispose();
        }

        protected override OrtValue TakeWords(long words) => base.TakeWords(Taken + words * sizeof(ulong) > room ? TooMuch : words);

        private bool IsOwn(OrtValue value) => AddressOf(value) is var address && _own.Exists(own => address >= own.First && address < own.First + Math.Max(own.Bytes, 1));

        private static nint AddressOf(OrtValue value) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value.GetTensorMutableRawData()));
    }
}
