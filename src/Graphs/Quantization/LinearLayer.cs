namespace LmmRec.Graphs;

/// <summary>A product of an activation with a stored matrix, and the stored bias that is added to it.</summary>
/// <param name="Last">the node that gives the result</param>
/// <param name="X">the activation, [… , in]</param>
/// <param name="Weight">[in, out], or [out, in] where it is <paramref name="Transposed"/></param>
/// <param name="Transposed">whether a column of the product belongs to a row of the weight</param>
/// <param name="Bias">[out]; null: none</param>
internal sealed record LinearLayer(Node Last, Tensor X, TensorData Weight, bool Transposed, TensorData? Bias)
{
    // Below, little is gained and much is lost: a product with a few stored numbers is arithmetic of positions and masks, no layer.
    public const int LeastWidth = 32;

    public int Inner => (int)Weight.Shape[Transposed ? 1 : 0];

    public int Columns => (int)Weight.Shape[Transposed ? 0 : 1];

    /// <summary>A copy of the weights as [in, out].</summary>
    public float[] Values()
    {
        var (inner, columns, source) = (Inner, Columns, Weight.As<float>());
        var values = new float[source.Length];
        if (!Transposed) source.CopyTo(values, 0);
        else
            for (var i = 0; i < inner; i++)
                for (var o = 0; o < columns; o++) values[i * columns + o] = source[o * inner + i];
        return values;
    }

    /// <summary>The linear layers of <paramref name="graph"/> in its order, as MatMul, MatMul and Add, Gemm, or the library's own Gemm.</summary>
    /// <exception cref="GraphException">A parameter has no value yet.</exception>
    public static IReadOnlyList<LinearLayer> Of(Graph graph)
    {
        var values = graph.Parameters.ToDictionary(p => p.Tensor, p => p.RequiredValue);
        var readers = graph.Nodes.SelectMany(n => n.Inputs).Concat(graph.Outputs.Values).OfType<Tensor>().CountBy(t => t).ToDictionary();
        var layers = new Dictionary<Tensor, LinearLayer>();
        foreach (var node in graph.Nodes)
            if ((OfProduct(node) ?? OfSum(node)) is { } layer) layers[layer.Last.Y] = layer;
        return [.. layers.Values];

        LinearLayer? OfProduct(Node node)
        {
            var form = OwnProducts.FormOf(node);
            if ((form is null && node.Operator.Name is not ("MatMul" or "Gemm")) || node.Y.Type != ElementType.Float32) return null;
            if (Stored(node[0]) is not null || Matrix(node[1]) is not var (weight, turned)) return null;
            var (transA, transB) = form is null ? LinearAlgebra.Transposed(node) : (form.TransA, form.TransB);
            var bias = node.Optional(2) is { } c ? Stored(c) : null;
            var layer = new LinearLayer(node, node[0], weight, turned ^ transB, bias);
            var plain = !transA && node.Attributes.Float("alpha", 1) == 1 && (node.Optional(2) is null || (bias?.Values.Length == layer.Columns && node.Attributes.Float("beta", 1) == 1));
            return plain && Math.Min(layer.Inner, layer.Columns) >= LeastWidth ? layer : null;
        }

        // A bias that is added to a product which nothing else reads.
        LinearLayer? OfSum(Node node)
        {
            if (node.Operator.Name != "Add") return null;
            for (var i = 0; i < 2; i++)
            {
                if (!layers.TryGetValue(node[i], out var layer) || layer.Bias is not null || readers[node[i]] > 1) continue;
                if (Stored(node[1 - i]) is not { } bias || !node[1 - i].Shape.Equals([layer.Columns])) continue;
                layers.Remove(node[i]);
                return layer with { Last = node, Bias = bias };
            }
            return null;
        }

        // Also what is stored in 16 bits and widened.
        TensorData? Stored(Tensor tensor) => tensor.Constant ?? values.GetValueOrDefault(tensor)
            ?? (tensor.Producer is { Operator.Name: "Cast" } cast && cast[0].Type == ElementType.Float16 && Stored(cast[0]) is { } half ? TensorData.Of(half.ToFloats(), half.Shape) : null);

        (TensorData Weight, bool Transposed)? Matrix(Tensor tensor)
        {
            var turned = tensor.Producer is { Operator.Name: "Transpose" } && tensor.Rank == 2; // the one order that changes a matrix
            return Stored(turned ? tensor.Producer![0] : tensor) is { Shape.Length: 2 } weight ? (weight, turned) : null;
        }
    }
}
