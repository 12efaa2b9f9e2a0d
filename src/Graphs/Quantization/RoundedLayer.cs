using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>A linear layer whose weights are 8-bit integers.</summary>
/// <param name="Layer">the layer</param>
/// <param name="Factors">[in], by which columns of the activation are multiplied before they are rounded</param>
/// <param name="Weight">[in, out], 8-bit integers</param>
/// <param name="Scales">[out], the step from one integer to the next</param>
/// <param name="Sums">[out], of the integers of a column</param>
internal sealed record RoundedLayer(LinearLayer Layer, TensorData Factors, TensorData Weight, TensorData Scales, TensorData Sums)
{
    /// <summary>Rounds the layers that read one activation.</summary>
    /// <param name="layers">the layers</param>
    /// <param name="statistics">of the activation; null: nothing is known of it</param>
    public static IEnumerable<RoundedLayer> Of(IReadOnlyList<LinearLayer> layers, ActivationStatistics? statistics)
    {
        var factors = Smoothing(layers, statistics);
        var factor = statistics is null ? null : WeightRounding.Factor(statistics.Moments, factors);
        return layers.Select(layer => Round(layer, factors, factor));
    }

    // Large columns of an activation would leave few steps to the others: the weights take over a part of their size (SmoothQuant with exponent ½). What is
    // multiplied here is divided out of the weights.
    private static float[] Smoothing(IReadOnlyList<LinearLayer> layers, ActivationStatistics? statistics)
    {
        var factors = new float[layers[0].Inner];
        Array.Fill(factors, 1);
        if (statistics is null) return factors;
        var largest = new float[factors.Length];
        foreach (var layer in layers)
        {
            var w = layer.Values();
            for (var i = 0; i < largest.Length; i++) largest[i] = Math.Max(largest[i], Math.Abs(TensorPrimitives.MaxMagnitude<float>(w.AsSpan(i * layer.Columns, layer.Columns))));
        }
        for (var i = 0; i < factors.Length; i++)
            if (largest[i] > 0 && statistics.Largest[i] > 0) factors[i] = MathF.Sqrt(largest[i] / statistics.Largest[i]);
        return factors;
    }

    /// <summary>The layer's result, from the rows of its activation as <see cref="Quantization.QuantizeRows"/> gives them.</summary>
    public Tensor Apply(IReadOnlyList<Tensor> rows)
    {
        var graph = rows[0].Graph;
        var product = graph.Add("MatMulInteger", rows[0], graph.Constant(Weight, "weight"));
        var bias = Layer.Bias?.Reshaped(Layer.Columns) ?? TensorData.Zeros(ElementType.Float32, Layer.Columns);
        return product.DequantizeRows(rows[1], rows[2], graph.Constant(Scales, "scales"), graph.Constant(Sums, "sums"), graph.Constant(bias, "bias"));
    }

    private static RoundedLayer Round(LinearLayer layer, float[] factors, float[]? factor)
    {
        var (inner, columns, w) = (layer.Inner, layer.Columns, layer.Values());
        for (var i = 0; i < inner; i++) TensorPrimitives.Divide(w.AsSpan(i * columns, columns), factors[i], w.AsSpan(i * columns, columns));
        var (integers, scales) = WeightRounding.Round(w, inner, columns, factor);
        var sums = new int[columns];
        for (var i = 0; i < integers.Length; i++) sums[i % columns] += integers[i];
        return new(layer, TensorData.Of(factors), TensorData.Of(integers, inner, columns), TensorData.Of(scales), TensorData.Of(sums));
    }
}
