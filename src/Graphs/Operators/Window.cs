namespace LmmRec.Graphs;

/// <summary>How a kernel slides over the spatial axes: sizes, strides, dilations and padding (all begins, then all ends), one per axis.</summary>
internal sealed record Window(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, bool Ceiling)
{
    public int Axes => Kernel.Length;

    public static int[] SpatialAxes(Tensor x) => [.. Enumerable.Range(2, x.Rank - 2)];

    public static Window Of(Node n, long[] kernel)
    {
        var ones = Array.ConvertAll(kernel, _ => 1L);
        var strides = n.Attributes.Ints("strides") ?? ones;
        var dilations = n.Attributes.Ints("dilations") ?? ones;
        var pads = n.Attributes.String("auto_pad", "NOTSET") switch
        {
            "NOTSET" => n.Attributes.Ints("pads") ?? new long[2 * kernel.Length],
            "VALID" => new long[2 * kernel.Length],
            var same => SamePads(n, kernel, strides, dilations, same == "SAME_UPPER"),
        };
        if (n[0].Rank != kernel.Length + 2) throw n.Wrong($"a kernel of {kernel.Length} axes needs an input of {kernel.Length + 2}");
        return new Window(kernel, strides, dilations, pads, n.Attributes.Int("ceil_mode", 0) == 1);
    }

    /// <summary>How far the kernel reaches along an axis.</summary>
    public long Extent(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

    public Shape Slide(Shape x, Dim channels)
    {
        var dims = new List<Dim> { x[0], channels };
        for (var i = 0; i < Axes; i++)
        {
            var free = x[i + 2] + (Pads[i] + Pads[i + Axes] - Extent(i) + (Ceiling ? Strides[i] - 1 : 0));
            dims.Add(free.FloorDividedBy(Strides[i]) + 1);
        }
        return new Shape([.. dims]);
    }

    public Shape Unslide(Shape x, Dim channels, long[]? outputPadding)
    {
        var dims = new List<Dim> { x[0], channels };
        for (var i = 0; i < Axes; i++) dims.Add((x[i + 2] - 1) * Strides[i] + (outputPadding?[i] ?? 0) + Extent(i) - Pads[i] - Pads[i + Axes]);
        return new Shape([.. dims]);
    }

    /// <summary>How many inputs each output position covers, <c>[1, 1, positions…]</c>; padding counts only if asked.</summary>
    public TensorData Counts(Shape x, Shape y, bool withPadding)
    {
        float[] counts = [1];
        for (var i = 0; i < Axes; i++)
        {
            var axis = i;
            var (low, high) = withPadding ? (-Pads[i], x[i + 2].Value + Pads[i + Axes]) : (0, x[i + 2].Value);
            float[] along = [.. Enumerable.Range(0, (int)y[i + 2].Value).Select(p => p * Strides[axis] - Pads[axis])
                .Select(start => (float)Enumerable.Range(0, (int)Kernel[axis]).Count(k => start + k * Dilations[axis] >= low && start + k * Dilations[axis] < high))];
            counts = [.. counts.SelectMany(c => along.Select(a => c * a))];
        }
        return TensorData.Of(counts, [1, 1, .. y.Skip(2).Select(d => d.Value)]);
    }

    private static long[] SamePads(Node n, long[] kernel, long[] strides, long[] dilations, bool upper)
    {
        var pads = new long[2 * kernel.Length];
        for (var i = 0; i < kernel.Length; i++)
        {
            var size = n[0].Shape[i + 2].Value;
            var total = Math.Max(0, ((size + strides[i] - 1) / strides[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size);
            pads[i] = upper ? total / 2 : total - total / 2;
            pads[i + kernel.Length] = total - pads[i];
        }
        return pads;
    }
}
