using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Between <see cref="TensorData"/> and ONNX Runtime's values.</summary>
internal static class OrtValues
{
    /// <summary>A value over the array itself, which stays pinned until the value is disposed.</summary>
    public static OrtValue Wrap(TensorData data) => data.Values switch
    {
        float[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        long[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        int[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        bool[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        double[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        byte[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        sbyte[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        Float16[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        BFloat16[] v => OrtValue.CreateTensorValueFromMemory(v, data.Shape),
        _ => throw new GraphException($"ONNX Runtime has no tensors of {data.Type}"),
    };

    /// <summary>A copy of the value's elements.</summary>
    public static unsafe TensorData Copy(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var data = TensorData.Zeros((ElementType)info.ElementDataType, info.Shape);
        if (data.Values.Length == 0) return data;
        fixed (byte* first = value.GetTensorMutableRawData())
        {
            var source = first;
            data.FillChunks(bytes =>
            {
                new ReadOnlySpan<byte>(source, bytes.Length).CopyTo(bytes);
                source += bytes.Length;
            });
        }
        return data;
    }

    /// <summary>Checks a batch against what the graph is fed; the message lists what is missing, unknown or of the wrong type.</summary>
    public static void Check(Batch batch, IReadOnlyDictionary<string, NodeMetadata> inputs, IReadOnlyCollection<string> names)
    {
        if (Misfit(batch, inputs, names) is { } misfit) throw new GraphException($"the batch does not fit the graph: {misfit}");
    }

    /// <summary>What is missing, unknown or of the wrong type in a batch; null: nothing.</summary>
    public static string? Misfit(Batch batch, IReadOnlyDictionary<string, NodeMetadata> inputs, IReadOnlyCollection<string> names)
    {
        var faults = names.Where(name => !batch.ContainsKey(name)).Select(name => $"input '{name}' is missing")
            .Concat(batch.Keys.Where(name => !names.Contains(name)).Select(name => $"'{name}' is no input; allowed: {string.Join(", ", names)}"))
            .Concat(batch.Where(b => names.Contains(b.Key)).Select(b => Mismatch(b.Key, b.Value, inputs[b.Key])).OfType<string>()).ToList();
        return faults.Count > 0 ? string.Join("; ", faults) : null;
    }

    private static string? Mismatch(string name, TensorData data, NodeMetadata wanted)
    {
        if ((int)data.Type != (int)wanted.ElementDataType) return $"input '{name}' takes {(ElementType)wanted.ElementDataType}, not {data.Type}";
        var fits = data.Shape.Length == wanted.Dimensions.Length && wanted.Dimensions.Select((d, i) => d < 0 || d == data.Shape[i]).All(ok => ok);
        if (fits) return null;
        var shape = wanted.Dimensions.Select((d, i) => d >= 0 ? $"{d}" : wanted.SymbolicDimensions[i] is { Length: > 0 } symbol ? symbol : "?");
        return $"input '{name}' takes the shape [{string.Join(", ", shape)}], not [{string.Join(", ", data.Shape)}]";
    }
}
