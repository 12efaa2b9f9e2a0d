using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class DataTests
{
    [Fact]
    public void Safetensors_keep_every_element_type_and_the_same_tensors_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var tensors = new Dictionary<string, TensorData>
        {
            ["z"] = TensorData.Of([1.5f, -2, 3, 4, 5, 6], 2, 3),
            ["a.half"] = TensorData.Of([(Microsoft.ML.OnnxRuntime.Float16)0.5f, (Microsoft.ML.OnnxRuntime.Float16)(-2f)]),
            ["b.brain"] = TensorData.Of([new Microsoft.ML.OnnxRuntime.BFloat16(0x3FC0)]),
            ["i"] = TensorData.Of([long.MinValue, 7]),
            ["n"] = TensorData.Scalar(-3),
            ["t"] = TensorData.Of([true, false]),
            ["empty"] = TensorData.Of<float>([], 0, 4),
        };
        SafeTensors.Write(folder.PathOf("a"), tensors, new Dictionary<string, string> { ["made by"] = "a test" });
        SafeTensors.Write(folder.PathOf("b"), tensors.Reverse().ToDictionary(t => t.Key, t => t.Value), new Dictionary<string, string> { ["made by"] = "a test" });
        Assert.Equal(File.ReadAllBytes(folder.PathOf("a")), File.ReadAllBytes(folder.PathOf("b")));
        Assert.Equal("a test", SafeTensors.ReadMetadata(folder.PathOf("a"))["made by"]);
        var read = SafeTensors.Read(folder.PathOf("a"));
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
        Assert.All(tensors, t => Assert.Equal((IEnumerable<object>)[t.Value.Type, .. t.Value.Shape, .. t.Value.Values], [read[t.Key].Type, .. read[t.Key].Shape, .. read[t.Key].Values]));
        Assert.Equal([0.5f, -2], read["a.half"].ToFloats());
        Assert.Equal([1.5f], read["b.brain"].ToFloats());
        Assert.Equal(["i"], SafeTensors.Read(folder.PathOf("a"), name => name == "i").Keys);
    }

    [Fact]
    public void Initialisers_have_the_spread_of_PyTorch()
    {
        Assert.Equal(Math.Sqrt(6.0 / (4000 + 64)), Largest(Initializers.XavierUniform, 4000, 64), 2e-4);
        Assert.Equal(Math.Sqrt(2.0 / (4000 + 64)), Deviation(Initializers.XavierNormal, 4000, 64), 2e-4);
        Assert.Equal(Math.Sqrt(6.0 / ((60 + 64) * 9)), Largest(Initializers.XavierUniform, 60, 64, 3, 3), 2e-4);
        Assert.Equal(0.125, Largest(Initializers.Linear(64), 1000, 64), 2e-4);
        Assert.Equal(0.02, Deviation(Initializers.Normal(0.02), 1000, 64), 2e-4);

        static float[] Draw(Initializer initializer, long[] shape)
        {
            var values = new float[shape.Aggregate(1L, (p, d) => p * d)];
            initializer(values, shape, new SeededRandom(1));
            return values;
        }
        static double Largest(Initializer initializer, params long[] shape) => Draw(initializer, shape).Max(Math.Abs);
        static double Deviation(Initializer initializer, params long[] shape) => Math.Sqrt(Draw(initializer, shape).Average(x => (double)x * x));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Dimensions_with_names_calculate_as_numbers_do(int seed)
    {
        var random = new SeededRandom(seed);
        var values = new Dictionary<string, long> { ["a"] = 3, ["b"] = 5 };
        for (var i = 0; i < 200; i++)
        {
            var ((x, xValue), (y, yValue)) = (Draw(), Draw());
            Check(x + y, xValue + yValue);
            Check(x - y, xValue - yValue);
            Check(x * y, xValue * yValue);
            if (y != 0) Assert.Equal(x, (x * y).DividedBy(y) ?? x);
            if (y.IsFixed && y != 0) Assert.Equal(x, (x * y).DividedBy(y));
            Assert.Equal(x == y, (x - y) == 0);
        }

        (Dim, long) Draw()
        {
            var (p, q, r) = (random.NextInt32(4) - 1, random.NextInt32(3), random.NextInt32(7) - 3);
            return (((Dim)p * "a" * "b") + ((Dim)q * "b") + r, p * 15 + q * 5 + r);
        }

        // A polynomial equals another exactly where they agree for all numbers; one point is enough to catch a slip.
        void Check(Dim dim, long expected) => Assert.Equal(expected, Value(dim.ToString()));

        long Value(string text) => text.Split(" + ").Sum(term => term.Split('*').Aggregate(1L, (p, f) => p * (values.TryGetValue(f, out var v) ? v : long.Parse(f, System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void A_log_sum_exp_of_large_numbers_does_not_overflow()
    {
        var g = new Graph("stable");
        g.Output("y", g.Input("x", ElementType.Float32, ["n", 2]).LogSumExp([1]));
        using var model = InferenceModel.Open(g);
        Assert.Equal([1000 + MathF.Log(2), -1000 + MathF.Log(2)], model.Run(new Batch { ["x"] = TensorData.Of([1000f, 1000, -1000, -1000], 2, 2) })["y"].As<float>());
    }
}
