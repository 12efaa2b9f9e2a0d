namespace LmmRec.Graphs;

/// <summary>Convolution and pooling over the axes after batch and channel: <c>[n, c, h, w]</c>.</summary>
public static class Convolution
{
    internal static readonly Operator[] Table =
    [
        new("Conv", InferConv, ConvGradient),
        new("ConvTranspose", InferConvTranspose),
        new("MaxPool", InferMaxPool, MaxPoolGradient) { OptionalOutputs = 1 },
        new("AveragePool", InferPool, AveragePoolGradient),
        new("GlobalAveragePool", n => new TensorType(n[0].Type, new Shape([.. n[0].Shape.Select((d, i) => i < 2 ? d : 1)])),
            (n, dy) => [(dy / n[0].DivisorOf(Window.SpatialAxes(n[0]))).Expand(n[0].ShapeTensor())]),
    ];

    /// <summary>x ∗ weight + bias with <paramref name="weight"/> <c>[out, in / groups, kh, kw]</c>; padding is the same on both sides.</summary>
    public static Tensor Conv(this Tensor x, Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1, int groups = 1)
    {
        var spatial = x.Rank - 2;
        return x.Graph.Add("Conv", new Attributes(
            ("strides", Repeat(stride, spatial)), ("pads", Repeat(padding, 2 * spatial)), ("dilations", Repeat(dilation, spatial)), ("group", (long)groups)), x, weight, bias);
    }

    /// <summary>The largest element of each window.</summary>
    public static Tensor MaxPool(this Tensor x, int kernel, int stride, int padding = 0) => Pool("MaxPool", x, kernel, stride, padding, 2);

    /// <summary>The mean of each window; padding does not count.</summary>
    public static Tensor AveragePool(this Tensor x, int kernel, int stride, int padding = 0) => Pool("AveragePool", x, kernel, stride, padding, 1);

    /// <summary>The mean over all positions: <c>[n, c, h, w] → [n, c, 1, 1]</c>.</summary>
    public static Tensor GlobalAveragePool(this Tensor x) => x.Graph.Add("GlobalAveragePool", x);

    private static Tensor Pool(string op, Tensor x, int kernel, int stride, int padding, int outputs) => x.Graph.Add(op, new Attributes(
        ("kernel_shape", Repeat(kernel, x.Rank - 2)), ("strides", Repeat(stride, x.Rank - 2)), ("pads", Repeat(padding, 2 * (x.Rank - 2)))), outputs, x)[0];

    private static long[] Repeat(long value, int count) => [.. Enumerable.Repeat(value, count)];

    private static TensorType InferConv(Node n)
    {
        var (x, weight, groups) = (n[0], n[1], n.Attributes.Int("group", 1));
        if (x.Rank != weight.Rank) throw n.Wrong("input and weight need the same number of axes");
        if (x.Shape[1] != weight.Shape[1] * groups) throw n.Wrong($"{x.Shape[1]} channels against {weight.Shape[1]} × {groups} groups in the weight");
        if (n.Optional(2) is { } bias && !bias.Shape.Equals([weight.Shape[0]])) throw n.Wrong($"the bias needs one element for each of {weight.Shape[0]} channels");
        return new TensorType(x.Type, Window.Of(n, [.. weight.Shape.Skip(2).Select(d => d.Value)]).Slide(x.Shape, weight.Shape[0]));
    }

    private static TensorType InferConvTranspose(Node n)
    {
        var (x, weight, groups) = (n[0], n[1], n.Attributes.Int("group", 1));
        if (x.Shape[1] != weight.Shape[0]) throw n.Wrong($"{x.Shape[1]} channels against {weight.Shape[0]} in the weight");
        var window = Window.Of(n, [.. weight.Shape.Skip(2).Select(d => d.Value)]);
        return new TensorType(x.Type, window.Unslide(x.Shape, weight.Shape[1] * groups, n.Attributes.Ints("output_padding")));
    }

    private static TensorType InferPool(Node n)
    {
        var kernel = n.Attributes.Ints("kernel_shape") ?? throw n.Wrong("the attribute kernel_shape is missing");
        return new TensorType(n[0].Type, Window.Of(n, kernel).Slide(n[0].Shape, n[0].Shape[1]));
    }

    private static TensorType[] InferMaxPool(Node n)
    {
        var type = InferPool(n);
        return [type, type with { Type = ElementType.Int64 }];
    }

    private static Tensor?[] ConvGradient(Node n, Tensor dy)
    {
        var (x, weight, groups) = (n[0], n[1], n.Attributes.Int("group", 1));
        var window = Window.Of(n, [.. weight.Shape.Skip(2).Select(d => d.Value)]);
        int[] allButChannels = [0, .. Window.SpatialAxes(x)];
        var dw = PerGroup(x, groups).Zip(PerGroup(dy, groups), (xs, dys) => WeightGradient(xs, dys, window)).ToArray();
        return [Unslide(dy, weight, x, window, groups), x.Graph.Concat(0, dw), n.Optional(2) is null ? null : dy.ReduceSum(allButChannels)];
    }

    private static IReadOnlyList<Tensor> PerGroup(Tensor x, long groups) =>
        groups == 1 ? [x] : x.Split(1, [.. Enumerable.Repeat(x.Shape[1].Value / groups, (int)groups)]);

    // dW[o, i, k] = Σ over n and positions p of dy[n, o, p] x[n, i, p·stride + k·dilation − pad]: a convolution with the batch as channels, in
    // which stride and dilation change places.
    private static Tensor WeightGradient(Tensor x, Tensor dy, Window window)
    {
        int[] swap = [1, 0, .. Window.SpatialAxes(x)];
        var dw = x.Graph.Add("Conv", new Attributes(("strides", window.Dilations), ("dilations", window.Strides), ("pads", window.Pads)),
            x.Transpose(swap), dy.Transpose(swap)); // [in, out, k, …]; longer than the kernel where the stride left inputs over
        for (var i = 0; i < window.Axes; i++)
            if (dw.Shape[i + 2] != window.Kernel[i]) dw = dw.Slice(i + 2, 0, window.Kernel[i]);
        return dw.Transpose(swap);
    }

    // The transposed convolution, padded so that the result has the shape of x also where the stride left inputs over.
    private static Tensor Unslide(Tensor dy, Tensor weight, Tensor x, Window window, long groups)
    {
        var (pads, outputPadding) = ((long[])window.Pads.Clone(), new long[window.Axes]);
        for (var i = 0; i < window.Axes; i++)
        {
            var after = (dy.Shape[i + 2].Value - 1) * window.Strides[i] + window.Extent(i) - window.Pads[i] - x.Shape[i + 2].Value;
            (pads[i + window.Axes], outputPadding[i]) = (Math.Max(0, after), Math.Max(0, -after));
        }
        return x.Graph.Add("ConvTranspose", new Attributes(("strides", window.Strides), ("dilations", window.Dilations), ("pads", pads),
            ("output_padding", outputPadding), ("group", groups)), dy, weight);
    }

    // Windows may overlap, so one input may be the largest of several.
    private static Tensor?[] MaxPoolGradient(Node n, IReadOnlyList<Tensor?> outputs)
    {
        var flat = n[0].Graph.Integers(-1);
        return [n[0].ZerosLike().Reshape(flat).ScatterElements(n.Outputs[1].Reshape(flat), outputs[0]!.Reshape(flat), axis: 0, add: true).ReshapeLike(n[0])];
    }

    // Each output spreads its gradient evenly over its window: a transposed convolution with a kernel of ones for each channel.
    private static Tensor?[] AveragePoolGradient(Node n, Tensor dy)
    {
        var x = n[0];
        var window = Window.Of(n, n.Attributes.Ints("kernel_shape")!);
        var counts = window.Counts(x.Shape, n.Y.Shape, n.Attributes.Int("count_include_pad", 0) == 1);
        var ones = TensorData.Of([.. Enumerable.Repeat(1f, (int)(x.Shape[1].Value * window.Kernel.Aggregate(1L, (p, k) => p * k)))], [x.Shape[1].Value, 1, .. window.Kernel]);
        return [Unslide(dy / x.Graph.Constant(counts), x.Graph.Constant(ones), x, window, x.Shape[1].Value)];
    }
}
