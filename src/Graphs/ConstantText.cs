using System.Globalization;

namespace LmmRec.Graphs;

/// <summary>Names of small constants that say what they hold, such as <c>0.5</c> or <c>[0,1]</c>: in Netron an axis or a factor is read at once.</summary>
internal static class ConstantText
{
    private const int MaxElements = 6;

    public static TensorData Scalar(double value, ElementType type) => type switch
    {
        ElementType.Float32 => TensorData.Scalar((float)value),
        ElementType.Float64 => TensorData.Scalar(value),
        ElementType.Float16 => TensorData.Scalar((float)value).To(type),
        ElementType.Int64 when double.IsInteger(value) => TensorData.Scalar((long)value),
        ElementType.Int32 when double.IsInteger(value) => TensorData.Scalar((int)value),
        ElementType.Bool => TensorData.Scalar(value != 0),
        _ => throw new GraphException($"{value.ToString(CultureInfo.InvariantCulture)} is no scalar of type {type}"),
    };

    /// <summary>The text, which differs for different values; null for constants that are too large for one.</summary>
    public static string? Of(TensorData data)
    {
        if (data.Values.Length is 0 or > MaxElements || data.Shape.Length > 1) return null;
        var elements = string.Join(',', data.Values.Cast<object>().Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)));
        var suffix = data.Type is ElementType.Float32 or ElementType.Int64 ? "" : $":{data.Type}";
        var point = data.Type == ElementType.Float32 && !elements.Contains('.', StringComparison.Ordinal) ? ".0" : "";
        return (data.Shape.Length == 0 ? elements + point : $"[{elements}{point}]") + suffix;
    }
}
