using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class ThreadsTests
{
    [Theory]
    [InlineData(48, 384, 96)] // ONNX Runtime sums such a product in other blocks where threads share its columns
    [InlineData(96, 400, 384)]
    [InlineData(1000, 500, 1)]
    public void A_product_has_the_same_bytes_on_any_number_of_threads(int rows, int inner, int columns)
    {
        var random = new SeededRandom(1);
        var (x, w, turned) = (Normal(random, rows, inner), Normal(random, inner, columns), Normal(random, columns, inner));
        var expected = Products(1);
        foreach (var threads in new[] { 2, 3, 8 })
            Assert.All(Products(threads), product => Assert.True(product.Value.As<float>().AsSpan().SequenceEqual(expected[product.Key].As<float>()), $"{product.Key} differs on {threads} threads"));

        IReadOnlyDictionary<string, TensorData> Products(int threads)
        {
            var g = new Graph("products");
            var (a, b, c) = (g.Input("x", ElementType.Float32, ["rows", inner]), g.Input("w", ElementType.Float32, [inner, columns]), g.Input("turned", ElementType.Float32, [columns, inner]));
            g.Output("gemm", a.Gemm(b));
            g.Output("gemm of transposed", a.Gemm(c, transB: true));
            g.Output("matmul", a.Unsqueeze(0).MatMul(b));
            using var model = InferenceModel.Open(g, new RuntimeOptions { Threads = threads });
            return model.Run(new Batch { ["x"] = x, ["w"] = w, ["turned"] = turned });
        }
    }

    private static TensorData Normal(SeededRandom random, int rows, int columns) => TensorData.Of([.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextNormal())], rows, columns);
}
