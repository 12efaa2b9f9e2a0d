using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class AttentionTests
{
    private const int Heads = 2, Width = 20;

    [Fact]
    public void Keys_that_are_hidden_change_no_byte_whatever_they_hold()
    {
        const int Tokens = 40, Seen = 30, Keys = 50;
        var random = new SeededRandom(1);
        float[] q = Normal(Tokens * Heads * Width, random), k = Normal(Keys * Heads * Width, random), v = Normal(Keys * Heads * Width, random);
        var mask = Enumerable.Range(0, Keys).Select(key => key < Seen ? 0 : float.NegativeInfinity).ToArray();
        k.AsSpan(Seen * Heads * Width).Fill(1e3f);
        v.AsSpan(Seen * Heads * Width).Fill(1e30f);
        var alone = Run(q, k[..(Seen * Heads * Width)], v[..(Seen * Heads * Width)], (new[] { 0f }, []));
        Assert.Equal(alone, Run(q, k, v, (mask, [1, 1, 1, Keys])));
    }

    [Fact]
    public void A_causal_query_is_the_same_however_many_follow()
    {
        const int Tokens = 70, First = 35;
        var random = new SeededRandom(2);
        float[] q = Normal(Tokens * Heads * Width, random), k = Normal(Tokens * Heads * Width, random), v = Normal(Tokens * Heads * Width, random);
        var row = Heads * Width;
        Assert.Equal(Run(q[..(First * row)], k[..(First * row)], v[..(First * row)], Causal(First)), Run(q, k, v, Causal(Tokens))[..(First * row)]);

        static (Array, long[]) Causal(int n) =>
            ((float[])[.. from query in Enumerable.Range(0, n) from key in Enumerable.Range(0, n) select key <= query ? 0 : float.NegativeInfinity], [n, n]);
    }

    [Fact]
    public void A_bias_or_keys_that_do_not_fit_fail_the_run_and_are_named()
    {
        float[] values = new float[3 * Heads * Width];
        Assert.Contains("a bias [4] does not broadcast to scores [1, 2, 3, 3]", Assert.Throws<OnnxRuntimeException>(() => Run(values, values, values, (new float[4], [4]))).Message, StringComparison.Ordinal);
        Assert.Contains("do not fit keys [1, 3, 2, 20] and values [1, 2, 2, 20]", Assert.Throws<OnnxRuntimeException>(() => Run(values, values, values[..(2 * Heads * Width)], (new[] { 0f }, []))).Message, StringComparison.Ordinal);
    }

    private static float[] Run(float[] q, float[] k, float[] v, (Array, long[]) bias)
    {
        using var attention = new OneNode(new Attention(), 5);
        return attention.Run(Tokens(q), Tokens(k), Tokens(v), (new[] { 0.2f }, []), bias)[0];

        static (Array, long[]) Tokens(float[] values) => (values, [1, values.Length / (Heads * Width), Heads, Width]);
    }

    private static float[] Normal(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
}
