using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class GradientTests
{
    private const double Distance = 0.02;

    public static TheoryData<string> Rules => [.. Operators.Table.Values.Where(op => op.Gradient is not null).Select(op => op.Name).Order(StringComparer.Ordinal)];

    /// <summary>Enumerates the operator table, so that a rule without a case fails here.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_gradient_rule_equals_central_differences(string op)
    {
        Assert.True(GradientCases.Table.TryGetValue(op, out var cases), $"operator {op} has a gradient rule and no case in GradientCases.cs");
        foreach (var write in cases!)
            for (var seed = 0; seed < 6; seed++) Check(op, write, seed);
    }

    [Fact]
    public void Every_case_is_of_an_operator_with_a_rule() => Assert.Empty(GradientCases.Table.Keys.Except(Rules.Select(r => r.Data)));

    [Fact]
    public void The_norm_of_the_zero_vector_has_slope_0_however_much_depends_on_it()
    {
        var g = new Graph("zero");
        var x = g.Parameter("x", TensorData.Zeros(ElementType.Float32, [3]));
        g.Output("gradient", (x.ReduceL2() * 1e12).ReduceSum().Gradients([x])[0]);
        using var model = InferenceModel.Open(g);
        Assert.Equal([0, 0, 0], model.Run([])["gradient"].As<float>());
    }

    private static void Check(string op, Func<GradientCase, Tensor[]> write, long seed)
    {
        var c = new GradientCase(new SeededRandom(seed));
        var outputs = write(c);
        Assert.Contains(c.Graph.Nodes, node => node.Operator.Name == op);
        // Every output element enters the loss with a weight of its own; the weighted sum is taken in double precision here.
        var weights = outputs.Select(y => Draw(y.Shape.ToArray(), c.Random)).ToArray();
        var loss = outputs.Zip(weights, (y, w) => (y * c.Graph.Constant(w, $"w{Array.IndexOf(weights, w)}")).ReduceSum()).Aggregate((a, b) => a + b);
        for (var i = 0; i < outputs.Length; i++) outputs[i] = c.Graph.Output($"y{i}", outputs[i]);
        foreach (var (variable, gradient) in c.Variables.Zip(loss.Gradients(c.Variables))) c.Graph.Output("d" + variable.Name, gradient);

        using var model = InferenceModel.Open(c.Graph, new RuntimeOptions { Device = TestDevice.Name, Threads = 1 });
        var batch = new Batch();
        foreach (var (name, data) in c.Values) batch[name] = data;
        var gradients = model.Run(batch);
        foreach (var (name, data) in c.Values)
        {
            var (values, expected) = (data.As<float>(), new double[data.Values.Length]);
            for (var i = 0; i < values.Length; i++) expected[i] = Slope(values, i);
            var scale = 1 + expected.Max(Math.Abs);
            var actual = gradients["d" + name];
            Assert.Equal(data.Shape, actual.Shape);
            for (var i = 0; i < values.Length; i++)
                Assert.True(Math.Abs(actual.As<float>()[i] - expected[i]) < 1e-3 * scale, $"{op}: d/d{name}[{i}] is {actual.As<float>()[i]}, differences give {expected[i]} (seed {seed})");
        }

        // Central differences of fourth order.
        double Slope(float[] values, int i)
        {
            var x = values[i];
            double At(double shift)
            {
                values[i] = (float)(x + shift);
                var y = model.Run(batch);
                values[i] = x;
                return outputs.Select((_, k) => y[$"y{k}"].As<float>().Zip(weights[k].As<float>(), (a, w) => (double)a * w).Sum()).Sum();
            }
            return (8 * (At(Distance) - At(-Distance)) - (At(2 * Distance) - At(-2 * Distance))) / (12 * Distance);
        }
    }

    private static TensorData Draw(long[] shape, SeededRandom random)
    {
        var data = TensorData.Zeros(ElementType.Float32, shape);
        foreach (ref var value in data.As<float>().AsSpan()) value = (float)random.NextNormal();
        return data;
    }
}
