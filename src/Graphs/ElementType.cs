using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

#pragma warning disable CA1720 // these are names of types because that is what they mean
/// <summary>What a tensor's elements are; the numbers are ONNX's.</summary>
public enum ElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    BFloat16 = 16,
}
#pragma warning restore CA1720

/// <summary>The element types' .NET types, sizes and short names, in one table.</summary>
public static class ElementTypes
{
    private static readonly (ElementType Type, Type Clr, int Bytes, string SafeTensors)[] Table =
    [
        (ElementType.Float32, typeof(float), 4, "F32"),
        (ElementType.UInt8, typeof(byte), 1, "U8"),
        (ElementType.Int8, typeof(sbyte), 1, "I8"),
        (ElementType.Int32, typeof(int), 4, "I32"),
        (ElementType.Int64, typeof(long), 8, "I64"),
        (ElementType.Bool, typeof(bool), 1, "BOOL"),
        (ElementType.Float16, typeof(Float16), 2, "F16"),
        (ElementType.Float64, typeof(double), 8, "F64"),
        (ElementType.BFloat16, typeof(BFloat16), 2, "BF16"),
    ];

    /// <summary>The size of one element in bytes.</summary>
    public static int Bytes(this ElementType type) => Row(type).Bytes;

    /// <summary>Whether values of this type have gradients.</summary>
    public static bool IsFloat(this ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.Float64 or ElementType.BFloat16;

    internal static Type Clr(this ElementType type) => Row(type).Clr;

    internal static string SafeTensorsName(this ElementType type) => Row(type).SafeTensors;

    internal static ElementType? FromSafeTensors(string name) => Table.FirstOrDefault(row => row.SafeTensors == name) is { Bytes: > 0 } row ? row.Type : null;

    internal static ElementType Of(Type clr) => Table.FirstOrDefault(row => row.Clr == clr) is { Bytes: > 0 } row
        ? row.Type
        : throw new GraphException($"no tensor holds elements of type {clr.Name}; allowed: {string.Join(", ", Table.Select(r => r.Clr.Name))}");

    internal static bool IsKnown(int onnx) => Array.Exists(Table, row => (int)row.Type == onnx);

    private static (ElementType Type, Type Clr, int Bytes, string SafeTensors) Row(ElementType type) => Array.Find(Table, row => row.Type == type);
}
