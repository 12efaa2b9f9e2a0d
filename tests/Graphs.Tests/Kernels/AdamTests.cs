using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class AdamTests
{
    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.1, false)]
    [InlineData(0.1, true)]
    public void Ten_steps_equal_the_formula_in_double_precision(double decay, bool decoupled)
    {
        const int Length = 40_001; // three chunks, the last with a part of a vector
        const double Rate = 0.01, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
        var random = new SeededRandom(3);
        using var adam = new OneNode(new AdamStep(), 7);
        double[] constants = [Beta1, Beta2, Epsilon, decoupled ? 0 : decay, decoupled ? decay : 0];
        float[][] state = [[.. Enumerable.Range(0, Length).Select(_ => (float)random.NextNormal())], new float[Length], new float[Length]];
        var p = Array.ConvertAll(state[0], x => (double)x);
        var (m, v) = (new double[Length], new double[Length]);
        for (var step = 1; step <= 10; step++)
        {
            var gradient = Enumerable.Range(0, Length).Select(_ => (float)random.NextNormal()).ToArray();
            state = adam.Run((state[0], [Length]), (gradient, [Length]), (state[1], [Length]), (state[2], [Length]), (new[] { Rate }, []), (new long[] { step }, []), (constants, [5]));
            for (var i = 0; i < Length; i++)
            {
                var g = gradient[i] + (decoupled ? 0 : decay * p[i]);
                m[i] = Beta1 * m[i] + (1 - Beta1) * g;
                v[i] = Beta2 * v[i] + (1 - Beta2) * g * g;
                if (decoupled) p[i] -= Rate * decay * p[i];
                p[i] -= Rate / (1 - Math.Pow(Beta1, step)) * m[i] / (Math.Sqrt(v[i]) / Math.Sqrt(1 - Math.Pow(Beta2, step)) + Epsilon);
            }
        }
        for (var i = 0; i < Length; i++) Assert.Equal(p[i], state[0][i], 2e-6);
    }
}
