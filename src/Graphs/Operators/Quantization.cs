namespace LmmRec.Graphs;

/// <summary>Products of 8-bit integers, for inference only.</summary>
public static class Quantization
{
    internal static readonly Operator[] Table =
    [
        new("DynamicQuantizeLinear", n => [new(ElementType.UInt8, n[0].Shape), new(ElementType.Float32, []), new(ElementType.UInt8, [])], null),
        new("MatMulInteger", InferMatMulInteger),
    ];

    /// <summary>
    /// x Wᵀ + b with the weight rounded to 8 bits per output when the graph is written, and x when it runs, by one scale for the whole of x: a row's
    /// result depends a little on the other rows. ONNX Runtime fuses the pattern.
    /// </summary>
    /// <param name="x">[…, in]</param>
    /// <param name="weight">[out, in], the values that are rounded</param>
    /// <param name="name">name of the rounded weight in the graph</param>
    /// <param name="bias">[out], float32</param>
    public static Tensor QuantizedLinear(this Tensor x, TensorData weight, string name, Tensor? bias = null)
    {
        var graph = x.Graph;
        var (rounded, scales) = Round(weight);
        var quantized = graph.Add("DynamicQuantizeLinear", Attributes.None, 3, x);
        var product = graph.Add("MatMulInteger", quantized[0], graph.Constant(rounded, $"{name}.int8"), quantized[2]); // […, out], int32
        var y = product.Cast(ElementType.Float32) * (quantized[1] * graph.Constant(scales, $"{name}.scale"));
        return bias is null ? y : y + bias;
    }

    // Symmetric, so that zero stays zero: [out, in] → [in, out] and a scale per output.
    private static (TensorData Rounded, TensorData Scales) Round(TensorData weight)
    {
        var (outputs, inputs, values) = ((int)weight.Shape[0], (int)weight.Shape[1], weight.As<float>());
        var rounded = new sbyte[values.Length];
        var scales = new float[outputs];
        for (var o = 0; o < outputs; o++)
        {
            var row = values.AsSpan(o * inputs, inputs);
            var scale = System.Numerics.Tensors.TensorPrimitives.MaxMagnitude<float>(row) is var largest && largest != 0 ? Math.Abs(largest) / sbyte.MaxValue : 1;
            scales[o] = scale;
            for (var i = 0; i < inputs; i++) rounded[i * outputs + o] = (sbyte)Math.Round(row[i] / scale);
        }
        return (TensorData.Of(rounded, inputs, outputs), TensorData.Of(scales));
    }

    private static TensorType InferMatMulInteger(Node n)
    {
        var (a, b) = (n[0], n[1]);
        if (a.Shape[^1] != b.Shape[^2]) throw n.Wrong($"the inner dimensions {a.Shape[^1]} and {b.Shape[^2]} differ");
        if (b.Rank != 2) throw n.Wrong("the second input must be a matrix");
        return new TensorType(ElementType.Int32, a.Shape.With(a.Rank - 1, b.Shape[1]));
    }
}
