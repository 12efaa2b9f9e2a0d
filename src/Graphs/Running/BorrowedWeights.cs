using System.Runtime.InteropServices;
using LmmRec.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Weights that a session reads where they lie, in the arrays of a graph, instead of copying them. It has to be disposed of after the session.</summary>
internal sealed unsafe class BorrowedWeights : IDisposable
{
    private readonly List<NativeTensor> _weights = [];

    /// <summary>Makes <paramref name="proto"/> refer to the elements of <paramref name="data"/>.</summary>
    public void Lend(TensorData data, TensorProto proto)
    {
        var weight = NativeTensor.Over(data);
        ExternalData.Refer(proto, NameOf(_weights.Count), 0, weight.Bytes);
        _weights.Add(weight);
    }

    /// <summary>Lets the session of these options find what its model refers to.</summary>
    public void AddTo(SessionOptions options)
    {
        var names = Enumerable.Range(0, _weights.Count).Select(i => Marshal.StringToCoTaskMemAuto(NameOf(i))).ToArray(); // wide characters on Windows, UTF-8 elsewhere
        nint[] contents = [.. _weights.Select(w => w.Address)];
        nuint[] lengths = [.. _weights.Select(w => (nuint)w.Bytes)];
        options.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
        fixed (nint* name = names, content = contents)
        fixed (nuint* length = lengths) Kernels.OrtApi.AddFilesInMemory(options.DangerousGetHandle(), (void**)name, (void**)content, length, _weights.Count);
        Array.ForEach(names, Marshal.FreeCoTaskMem);
    }

    public void Dispose() => _weights.ForEach(w => w.Dispose());

    // A file of its own for each: no path in the names of parameters means anything.
    private static string NameOf(int index) => $"weight-{index}";
}
