namespace LmmRec.Graphs;

/// <summary>Convolution and pooling over the axes after batch and channel: <c>[n, c, h, w]</c>.</summary>
public static class Convolution
{
    internal static readonly Operator[] Table =
    [
        new("Conv", InferConv),
        new("ConvTranspose", InferConvTranspose),
        new("MaxPool", InferMaxPool, gradient: null),
        new("AveragePool", InferPool),
        new("GlobalAveragePool", n => new TensorType(n[0].Type, new Shape([.. n[0].Shape.Select((d, i) => i < 2 ? d : 1)])),
            (n, dy) => [(dy / n[0].CountOf(Window.SpatialAxes(n[0])).Cast(dy.Type)).Expand(n[0].ShapeTensor())]),
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
}
