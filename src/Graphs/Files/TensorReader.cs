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
        var data = TensorData.Zeros((ElementType)proto.DataType, [.. proto.Dims]);
        if (proto.DataLocation == TensorProto.Types.DataLocation.External) ReadExternal(proto, data, modelPath);
        else if (!proto.RawData.IsEmpty || data.Values.Length == 0) ReadRaw(proto, data, modelPath);
        else ReadTyped(proto, data, modelPath);
        return data;
    }

    private static void ReadRaw(TensorProto proto, TensorData data, string modelPath)
    {
        var bytes = data.Values.LongLength * data.Type.Bytes();
        if (proto.RawData.Length != bytes) throw Short(proto, modelPath, $"has {proto.RawData.Length} bytes and needs {bytes}");
        var position = 0;
        data.FillChunks(chunk =>
        {
            proto.RawData.Span.Slice(position, chunk.Length).CopyTo(chunk);
            position += chunk.Length;
        });
    }

    private static void ReadTyped(TensorProto proto, TensorData data, string modelPath)
    {
        var (count, fill) = data.Values switch
        {
            float[] v => (proto.FloatData.Count, () => proto.FloatData.CopyTo(v, 0)),
            double[] v => (proto.DoubleData.Count, () => proto.DoubleData.CopyTo(v, 0)),
            long[] v => (proto.Int64Data.Count, () => proto.Int64Data.CopyTo(v, 0)),
            int[] v => (proto.Int32Data.Count, () => proto.Int32Data.CopyTo(v, 0)),
            bool[] v => Narrow(v, x => x != 0),
            byte[] v => Narrow(v, x => (byte)x),
            sbyte[] v => Narrow(v, x => (sbyte)x),
            Float16[] v => Narrow(v, x => new Float16((ushort)x)),
            BFloat16[] v => Narrow(v, x => new BFloat16((ushort)x)),
            _ => (0, (Action)(() => { })),
        };
        if (count != data.Values.Length) throw Short(proto, modelPath, $"has {count} elements and needs {data.Values.Length}");
        fill();

        (int, Action) Narrow<T>(T[] target, Func<int, T> convert) => (proto.Int32Data.Count, () =>
        {
            for (var i = 0; i < target.Length; i++) target[i] = convert(proto.Int32Data[i]);
        }
        );
    }

    private static void ReadExternal(TensorProto proto, TensorData data, string modelPath)
    {
        var entries = proto.ExternalData.ToDictionary(e => e.Key, e => e.Value);
        var location = entries.GetValueOrDefault("location") ?? throw Short(proto, modelPath, "names no file for its external data");
        var folder = Path.GetFullPath(Path.GetDirectoryName(Path.GetFullPath(modelPath))!);
        var path = Path.GetFullPath(Path.Combine(folder, location));
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw Short(proto, modelPath, $"has its data in '{location}', outside the model's folder");
        if (!File.Exists(path)) throw Short(proto, modelPath, $"has its data in '{location}', which is not beside the model");
        using var stream = File.OpenRead(path);
        stream.Position = long.Parse(entries.GetValueOrDefault("offset") ?? "0", CultureInfo.InvariantCulture);
        if (stream.Length - stream.Position < data.Values.LongLength * data.Type.Bytes()) throw Short(proto, modelPath, $"ends behind the end of '{location}'; the file is truncated");
        data.FillChunks(stream.ReadExactly);
    }

    private static GraphException Short(TensorProto proto, string modelPath, string what) => new($"'{modelPath}': tensor '{proto.Name}' {what}");
}
