using System.Runtime.CompilerServices;
using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

public sealed class InferenceTests
{
    [Fact]
    public void An_open_model_reads_weights_where_they_lie()
    {
        var weights = new float[1000];
        var g = new Graph("borrowed");
        g.Output("y", g.Input("x", ElementType.Float32, [1000]) * g.Parameter("w", TensorData.Of(weights)));
        using var model = InferenceModel.Open(g);
        weights.AsSpan().Fill(2); // which nobody may do; here it shows that there is no copy
        Assert.All(model.Run(new Batch { ["x"] = TensorData.Of(Enumerable.Repeat(1f, 1000).ToArray()) })["y"].As<float>(), y => Assert.Equal(2, y));
    }

    [Theory]
    [InlineData("tpu", typeof(DeviceUnavailableException))]
    [InlineData("cpu", typeof(GraphException))]
    public void A_model_that_cannot_be_opened_holds_on_to_no_weights(string device, Type refusal)
    {
        var weights = Refused();
        GC.Collect();
        Assert.False(weights.IsAlive, "what is pinned is never freed");

        // A frame of its own, so that nothing else refers to the weights.
        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Refused()
        {
            var values = new float[100_000];
            var g = new Graph("refused");
            var w = g.Parameter("w", TensorData.Of(values, 100, 1000));
            g.Output("y", g.Add("Relu", new Attributes(("no_such_attribute", 1L)), w));
            Assert.Throws(refusal, () => InferenceModel.Open(g, new RuntimeOptions { Device = device }));
            return new WeakReference(values);
        }
    }

    [Fact]
    public void Weights_may_have_any_name_and_size()
    {
        var g = new Graph("names");
        var sum = g.Input("x", ElementType.Float32, [2]) + g.Parameter("../up", TensorData.Of([1f, 2])) + g.Parameter("/root", TensorData.Scalar(10f)) + g.Parameter("ü/ß", TensorData.Of([100f]));
        g.Output("y", g.Concat(0, sum, g.Parameter("none", TensorData.Zeros(ElementType.Float32, 0))));
        using var model = InferenceModel.Open(g);
        Assert.Equal([111, 112], model.Run(new Batch { ["x"] = TensorData.Of([0f, 0]) })["y"].As<float>());
    }

    [Fact]
    public void A_row_gives_the_same_bytes_wherever_it_stands_and_whatever_the_threads()
    {
        const int Batch = 9, Tokens = 35, Width = 256;
        var random = new SeededRandom(3);
        var g = new Graph("block");
        var x = g.Input("x", ElementType.Float32, ["batch", Tokens, Width]);
        var qkv = Linear(x, "qkv", 3 * Width).Split(2, Width, Width, Width).Select(part => part.Reshape([x.Shape[0], Tokens, 4, Width / 4])).ToArray();
        x += Linear(qkv[0].Attention(qkv[1], qkv[2]).Reshape(x.Shape), "out", Width);
        g.Output("y", Linear(Linear(x.LayerNormalization(g.Parameter("norm", [Width], Initializers.Ones)), "up", 4 * Width).QuickGelu(), "down", Width));
        g.Initialize(random);
        var row = Normal(Tokens * Width);
        var expected = Run(threads: 1, at: 0);
        for (var threads = 1; threads <= 3; threads++)
            for (var at = 0; at < Batch; at += 4) Assert.Equal(expected, Run(threads, at));

        float[] Run(int threads, int at)
        {
            using var model = InferenceModel.Open(g, new RuntimeOptions { Threads = threads });
            var rows = Normal(Batch * Tokens * Width); // others each time
            row.CopyTo(rows, at * row.Length);
            return model.Run(new Batch { ["x"] = TensorData.Of(rows, Batch, Tokens, Width) })["y"].As<float>()[(at * row.Length)..((at + 1) * row.Length)];
        }

        Tensor Linear(Tensor input, string name, long outputs) =>
            input.Linear(g.Parameter($"{name}.weight", [outputs, input.Shape[2].Value], Initializers.XavierNormal), g.Parameter($"{name}.bias", [outputs], Initializers.Normal(1)));

        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
