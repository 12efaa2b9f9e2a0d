using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>
/// Rounds the weights of a layer to 8-bit integers. With the moments of its activation, an error is made up for by the weights that are rounded after it
/// (GPTQ, in the form of Babai's nearest plane): for XᵀX = RᵀR, from the last row to the first, w_i takes over Σ_{j > i} R_ij / R_ii (w_j − q_j).
/// </summary>
internal static class WeightRounding
{
    private const double Damping = 0.01; // of the mean of the diagonal, so that columns which samples seldom reach do not run away
    private const int Block = 32; // columns that are rounded together, so that their errors stay in the second cache

    /// <summary>[in, out] floats → integers and the step of each column.</summary>
    /// <param name="weights">[in, out]</param>
    /// <param name="inner">in</param>
    /// <param name="columns">out</param>
    /// <param name="factor">R / diagonal(R), [in, in], of which what is above the diagonal is read; null: each weight is rounded to the nearest</param>
    public static (sbyte[] Integers, float[] Scales) Round(float[] weights, int inner, int columns, float[]? factor)
    {
        var scales = new float[columns];
        for (var i = 0; i < inner; i++) TensorPrimitives.MaxMagnitude(scales, weights.AsSpan(i * columns, columns), scales);
        for (var o = 0; o < columns; o++) scales[o] = scales[o] == 0 ? 1 : Math.Abs(scales[o]) / sbyte.MaxValue;
        var integers = new sbyte[weights.Length];
        Parallel.For(0, (columns + Block - 1) / Block, block =>
        {
            var start = block * Block;
            var width = Math.Min(Block, columns - start);
            var errors = new float[inner * width];
            Span<float> target = stackalloc float[Block];
            target = target[..width];
            for (var i = inner - 1; i >= 0; i--)
            {
                weights.AsSpan(i * columns + start, width).CopyTo(target);
                if (factor is not null)
                    for (var j = i + 1; j < inner; j++) TensorPrimitives.MultiplyAdd(errors.AsSpan(j * width, width), factor[i * inner + j], target, target);
                for (var o = 0; o < width; o++)
                {
                    var scale = scales[start + o];
                    var rounded = (sbyte)Math.Clamp(MathF.Round(target[o] / scale), -sbyte.MaxValue, sbyte.MaxValue);
                    integers[i * columns + start + o] = rounded;
                    errors[i * width + o] = weights[i * columns + start + o] - rounded * scale;
                }
            }
        });
        return (integers, scales);
    }

    /// <summary>The Cholesky factor R of the moments, upper, each row divided by its diagonal element.</summary>
    /// <param name="moments">[n, n], symmetric</param>
    /// <param name="factors">[n], by which the activation's columns are multiplied</param>
    public static float[] Factor(float[] moments, float[] factors)
    {
        var n = factors.Length;
        var lower = new double[(long)n * n]; // L = Rᵀ, row by row
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++) lower[i * n + j] = (double)moments[i * n + j] * factors[i] * factors[j];
        var mean = 0.0;
        for (var i = 0; i < n; i++) mean += lower[i * n + i] / n;
        for (var i = 0; i < n; i++)
        {
            lower[i * n + i] += Damping * mean;
            for (var j = 0; j <= i; j++)
            {
                var rest = lower[i * n + j] - TensorPrimitives.Dot<double>(lower.AsSpan(i * n, j), lower.AsSpan(j * n, j));
                lower[i * n + j] = i == j ? Math.Sqrt(rest) : rest / lower[j * n + j];
            }
        }
        var upper = new float[n * n];
        for (var i = 0; i < n; i++)
            for (var j = i + 1; j < n; j++) upper[i * n + j] = (float)(lower[j * n + i] / lower[i * n + i]);
        return upper;
    }
}
