using System.Globalization;
using LmmRec.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>Reads a tensor of an ONNX file in any of the ways in which it can be stored.</summary>
internal static class TensorReader
{
    /// <exception cref="GraphException">The element type is not known, elements are missing, or the file beside the model is not there or too short.</exception>
    public static TensorData Read(TensorProto proto, string modelPath)
    {
        if (!ElementTypes.IsKnown(proto.DataType)) throw new GraphException($"'{modelPath}': tensor '{proto.Name}' has element type {proto.DataType}, which is not known here");
        var type = (ElementType)proto.DataType;
        var bytes = proto.Dims.Aggregate((double)type.Bytes(), (product, d) => product * d); // a damaged file may say more than any integer holds
        if (proto.Dims.Any(d => d < 0)) throw Short(proto, modelPath, $"has the shape [{string.Join(", ", proto.Dims)}]");
        if (proto.DataLocation == TensorProto.Types.DataLocation.External) return ReadExternal(proto, type, bytes, modelPath);
        if (!proto.RawData.IsEmpty || bytes == 0) return ReadRaw(proto, type, bytes, modelPath);
        return ReadTyped(proto, type, bytes / type.Bytes(), modelPath);
    }

    private static TensorData ReadRaw(TensorProto proto, ElementType type, double bytes, string modelPath)
    {
        if (proto.RawData.Length != bytes) throw Short(proto, modelPath, string.Create(CultureInfo.InvariantCulture, $"has {proto.RawData.Length} bytes and needs {bytes}"));
        var data = TensorData.Zeros(type, [.. proto.Dims]);
        var position = 0;
        data.FillChunks(chunk =>
        {
            proto.RawData.Span.Slice(position, chunk.Length).CopyTo(chunk);
            position += chunk.Length;
        });
        return data;
    }

    private static TensorData ReadTyped(TensorProto proto, ElementType type, double elements, string modelPath)
    {
        var count = type switch
        {
            ElementType.Float32 => proto.FloatData.Count,
            ElementType.Float64 => proto.DoubleData.Count,
            ElementType.Int64 => proto.Int64Data.Count,
            _ => proto.Int32Data.Count,
        };
        if (count != elements) throw Short(proto, modelPath, string.Create(CultureInfo.InvariantCulture, $"has {count} elements and needs {elements}"));
        var data = TensorData.Zeros(type, [.. proto.Dims]);
        switch (data.Values)
        {
            case float[] v: proto.FloatData.CopyTo(v, 0); break;
            case double[] v: proto.DoubleData.CopyTo(v, 0); break;
            case long[] v: proto.Int64Data.CopyTo(v, 0); break;
            case int[] v: proto.Int32Data.CopyTo(v, 0); break;
            case bool[] v: Narrow(v, x => x != 0); break;
            case byte[] v: Narrow(v, x => (byte)x); break;
            case sbyte[] v: Narrow(v, x => (sbyte)x); break;
            case Float16[] v: Narrow(v, x => new Float16((ushort)x)); break;
            case BFloat16[] v: Narrow(v, x => new BFloat16((ushort)x)); break;
        }
        return data;

        void Narrow<T>(T[] target, Func<int, T> convert)
        {
            for (var i = 0; i < target.Length; i++) target[i] = convert(proto.Int32Data[i]);
        }
    }

    private static TensorData ReadExternal(TensorProto proto, ElementType type, double bytes, string modelPath)
    {
        var (location, offset, _) = ExternalData.Of(proto);
        if (string.IsNullOrEmpty(location)) throw Short(proto, modelPath, "names no file for its external data");
        var folder = Path.GetFullPath(Path.GetDirectoryName(Path.GetFullPath(modelPath))!);
        var path = Path.GetFullPath(Path.Combine(folder, location.Replace('\0', '?'))); // which no path may hold
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw Short(proto, modelPath, $"has its data in '{location}', outside the model's folder");
        if (!File.Exists(path)) throw Short(proto, modelPath, $"has its data in '{location}', which is not beside the model");
        using var stream = File.OpenRead(path);
        if (stream.Length - (double)offset < bytes) throw Short(proto, modelPath, $"ends behind the end of '{location}'; the file is truncated");
        stream.Position = offset;
        var data = TensorData.Zeros(type, [.. proto.Dims]);
        data.FillChunks(stream.ReadExactly);
        return data;
    }

    private static GraphException Short(TensorProto proto, string modelPath, string what) => new($"'{modelPath}': tensor '{proto.Name}' {what}");
}
