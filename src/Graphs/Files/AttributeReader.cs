using LmmRec.Graphs.Onnx;
using Kind = LmmRec.Graphs.Onnx.AttributeProto.Types.AttributeType;

namespace LmmRec.Graphs;

/// <summary>Reads attributes of nodes; in a function's body one may stand for an attribute of the call.</summary>
internal static class AttributeReader
{
    /// <summary>Outside functions no attribute refers to another.</summary>
    public static readonly Func<string, AttributeProto?> NoReferences = _ => null;

    public static Attributes Read(NodeProto node, Func<string, AttributeProto?> references, string path) => new([.. node.Attribute
        .Select(a => (a.Name, Source: a.RefAttrName.Length > 0 ? references(a.RefAttrName) : a)).Where(a => a.Source is not null)
        .Select(a => (a.Name, (object?)Value(node, a.Source!, path)))]);

    /// <summary>The value of a Constant node, whichever of its attributes holds it.</summary>
    public static TensorData Constant(NodeProto node, Func<string, AttributeProto?> references, string path)
    {
        var attributes = Read(node, references, path);
        return attributes.All.Select(a => a.Value switch
        {
            TensorData data => data,
            float f => TensorData.Scalar(f),
            long i => TensorData.Scalar(i),
            float[] floats => TensorData.Of(floats),
            long[] ints => TensorData.Of(ints),
            _ => null,
        }).FirstOrDefault() ?? throw new GraphException($"'{path}': the constant '{node.Output[0]}' holds no tensor that is known here");
    }

    private static object Value(NodeProto node, AttributeProto attribute, string path) => attribute.Type switch
    {
        Kind.Float => attribute.F,
        Kind.Int => attribute.I,
        Kind.String => attribute.S.ToStringUtf8(),
        Kind.Floats => attribute.Floats.ToArray(),
        Kind.Ints => attribute.Ints.ToArray(),
        Kind.Tensor => TensorReader.Read(attribute.T, path),
        var other => throw new GraphException($"'{path}': node '{node.Name}' ({node.OpType}) has an attribute '{attribute.Name}' of kind {other}, which is not known here"),
    };
}
