using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class DenseProductTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Products_of_every_shape_are_exact_with_two_threads(bool transA, bool transB)
    {
        using OneNode plain = new(new OwnGemm(new OwnProduct(transA, transB)), 2), withRow = new(new OwnGemm(new OwnProduct(transA, transB)), 3);
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new SeededRandom(seed);
            var (m, k, n) = (1 + random.NextInt32(120), 1 + random.NextInt32(seed % 10 == 0 ? 2000 : 100), 1 + random.NextInt32(150));
            float[] a = Whole(m * k, random), b = Whole(k * n, random), c = Whole(n, random);
            var product = new float[m * n]; // whole numbers below 2²⁴: every order of adding them gives the same sum
            for (var i = 0; i < m; i++)
                for (var j = 0; j < n; j++)
                    for (var l = 0; l < k; l++)
                        product[i * n + j] += a[transA ? l * m + i : i * k + l] * b[transB ? j * k + l : l * n + j];
            (Array, long[]) left = (a, transA ? [k, m] : [m, k]), right = (b, transB ? [n, k] : [k, n]);
            Assert.Equal(product, plain.Run(left, right)[0]);
            Assert.Equal(product.Select((p, i) => p + c[i % n]), withRow.Run(left, right, (c, [n]))[0]);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Matrices_too_large_to_be_copied_at_once_are_multiplied_stripe_by_stripe(bool transA, bool transB)
    {
        const int K = 800; // 768 of them, and 2724 rows, are copied at once
        using var product = new OneNode(new OwnGemm(new OwnProduct(transA, transB)), 2);
        foreach (var (m, n) in new[] { (2800, 150), (2900, 20), (100, 1100) })
        {
            float[] a = new float[m * K], b = new float[K * n];
            for (var i = 0; i < m; i++)
                for (var l = 0; l < K; l++) a[transA ? l * m + i : i * K + l] = (i % 7 - 3) * (l % 5);
            for (var l = 0; l < K; l++)
                for (var j = 0; j < n; j++) b[transB ? j * K + l : l * n + j] = (j % 11 - 5) * (l % 3);
            var y = product.Run((a, transA ? [K, m] : [m, K]), (b, transB ? [n, K] : [K, n]))[0];
            var inner = Enumerable.Range(0, K).Sum(l => l % 5 * (l % 3));
            Assert.Equal(Enumerable.Range(0, m * n).Select(e => (float)inner * (e / n % 7 - 3) * (e % n % 11 - 5)), y);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_number_of_threads_does_not_change_a_byte(bool transA, bool transB)
    {
        const int M = 500, K = 1600, N = 700; // some blocks in every direction, the last ones parts of blocks
        var random = new SeededRandom(6);
        (Array, long[]) a = (Normal(M * K, random), transA ? [K, M] : [M, K]), b = (Normal(K * N, random), transB ? [N, K] : [K, N]);
        using OneNode one = new(new OwnGemm(new OwnProduct(transA, transB)), 2, threads: 1), two = new(new OwnGemm(new OwnProduct(transA, transB)), 2, threads: 2), three = new(new OwnGemm(new OwnProduct(transA, transB)), 2, threads: 3);
        var expected = one.Run(a, b)[0];
        for (var run = 0; run < 5; run++)
        {
            Assert.Equal(expected, two.Run(a, b)[0]);
            Assert.Equal(expected, three.Run(a, b)[0]);
        }
    }

    [Fact]
    public void A_product_over_nothing_is_the_row_that_is_added()
    {
        using var product = new OneNode(new OwnGemm(new OwnProduct(TransA: false, TransB: true)), 3);
        Assert.Equal([1, 2, 1, 2, 1, 2], product.Run((Array.Empty<float>(), [3, 0]), (Array.Empty<float>(), [2, 0]), (new float[] { 1, 2 }, [2]))[0]);
    }

    [Fact]
    public void Matrices_that_do_not_fit_fail_the_run_and_are_named()
    {
        using var product = new OneNode(new OwnGemm(new OwnProduct(TransA: false, TransB: true)), 2);
        var error = Assert.Throws<OnnxRuntimeException>(() => product.Run((new float[6], [2, 3]), (new float[8], [2, 4])));
        Assert.Contains("[2, 3] cannot be multiplied with [4, 2]", error.Message, StringComparison.Ordinal);
    }

    private static float[] Normal(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];

    private static float[] Whole(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextInt32(40) - 20))];
}
