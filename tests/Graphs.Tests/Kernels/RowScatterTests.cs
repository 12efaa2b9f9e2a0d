using LmmRec.Artifacts;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs.Tests.Kernels;

public sealed class RowScatterTests
{
    private static OneNode Scatter(bool add = false) => new(new RowScatter(add), add ? 4 : 3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Repeated_rows_are_summed_exactly_a_thousand_times_over_with_two_threads(bool add)
    {
        const int Rows = 50, D = 24, Count = 3000;
        using var scatter = Scatter(add);
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new SeededRandom(seed);
            var indices = new long[Count];
            var updates = new float[Count * D];
            for (var k = 0; k < Count; k++) indices[k] = random.NextInt32(2) == 0 ? 7 : random.NextInt32(2 * Rows) - Rows;
            for (var j = 0; j < updates.Length; j++) updates[j] = random.NextInt32(200) - 100;
            var table = new float[Rows * D];
            if (add) for (var j = 0; j < table.Length; j++) table[j] = random.NextInt32(200) - 100;
            float[] expected = [.. table]; // whole numbers below 2²⁴: every order of adding them gives the same sum
            for (var k = 0; k < Count; k++)
                for (var c = 0; c < D; c++)
                    expected[((indices[k] + Rows) % Rows) * D + c] += updates[k * D + c];

            (Array, long[])[] inputs = [(updates, [Count, D]), (indices, [Count]), (new long[] { Rows }, [1]), .. add ? [(table, [Rows, D])] : Array.Empty<(Array, long[])>()];
            Assert.Equal(expected, scatter.Run(inputs)[0]);
        }
    }

    [Fact]
    public void Rows_are_the_same_bytes_from_run_to_run()
    {
        const int Rows = 1000, D = 64, Count = 5000;
        var random = new SeededRandom(1);
        var indices = Enumerable.Range(0, Count).Select(_ => (long)random.NextInt32(Rows)).ToArray();
        var updates = Enumerable.Range(0, Count * D).Select(_ => (float)random.NextNormal()).ToArray();
        using var scatter = Scatter();
        var first = scatter.Run((updates, [Count, D]), (indices, [Count]), (new long[] { Rows }, [1]))[0];
        for (var run = 0; run < 50; run++)
            Assert.Equal(first, scatter.Run((updates, [Count, D]), (indices, [Count]), (new long[] { Rows }, [1]))[0]);
    }

    [Fact]
    public void An_index_outside_the_table_fails_the_run_and_is_named()
    {
        using var scatter = Scatter();
        var error = Assert.Throws<OnnxRuntimeException>(() => scatter.Run((new float[2], [2, 1]), (new long[] { 0, 3 }, [2]), (new long[] { 3 }, [1])));
        Assert.Contains("index 3 at place 1 is not a row of 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_scatter_gives_zeros()
    {
        using var scatter = Scatter();
        Assert.Equal(new float[6], scatter.Run((Array.Empty<float>(), [0, 2]), (Array.Empty<long>(), [0]), (new long[] { 3 }, [1]))[0]);
    }
}
