using System.Numerics.Tensors;

namespace LmmRec.Graphs;

/// <summary>
/// A graph whose linear layers, convolutions and attention compute with 16-bit floats, for inference (docs/encoders.md#16-bits). What lies between them and
/// only moves numbers, or changes each by itself within a small range, stays in 16 bits; all else is computed in 32 as before: sums over rows (softmax,
/// normalisation, pooling, length), sums of two activations, and what is made of ids, of which 16 bits hold none above 2,048 exactly.
/// </summary>
public static class HalfPrecision
{
    private const float Largest = 65504; // of a 16-bit float

    private static readonly HashSet<string> Moves = ["Reshape", "Transpose", "Slice", "Split", "Squeeze", "Unsqueeze", "Flatten", "Identity"];

    private static readonly HashSet<string> Bounds = ["Sigmoid", "Erf", "Tanh"], Activations = [.. Bounds, "Relu", "Gelu", "QuickGelu"];

    /// <summary>The graph <paramref name="graph"/> in 16 bits; it stays as it is, and so do the types of inputs and outputs.</summary>
    /// <param name="graph">its parameters have values</param>
    /// <exception cref="GraphException">The graph has nothing to compute in 16 bits, or a parameter has no value.</exception>
    public static Graph Rewrite(Graph graph)
    {
        var copy = new GraphCopy(graph, new Graph(graph.Name));
        var rewriting = new Rewriting(graph, copy);
        copy.Declare();
        copy.Nodes(rewriting.Instead);
        if (rewriting.IsEmpty) throw new GraphException($"graph '{graph.Name}' has no product or convolution of 32-bit floats, so there is nothing to compute in 16 bits");
        return copy.Named();
    }

    private sealed class Rewriting(Graph graph, GraphCopy copy)
    {
        private readonly Dictionary<Tensor, TensorData> _values = graph.Parameters.ToDictionary(p => p.Tensor, p => p.RequiredValue);
        private readonly Dictionary<Tensor, Tensor> _computed = []; // in 16 bits, by what it stands for
        private readonly Dictionary<Tensor, Tensor> _rounded = []; // the rest that is taken in 16 bits
        private bool _any;

        public bool IsEmpty => !_any;

        /// <summary>The results in 32 bits, which nothing reads where all of them are taken in 16; null: the node stays as it is.</summary>
        public IReadOnlyList<Tensor>? Instead(Node node)
        {
            if (node.Outputs.Any(y => y.Type != ElementType.Float32)) return null;
            IReadOnlyList<Tensor>? halves;
            using (copy.Target.Scope(node.Name)) halves = Halves(node);
            if (halves is null) return null;
            foreach (var (y, half) in node.Outputs.Zip(halves)) _computed[y] = half;
            return [.. halves.Select(half => half.Cast(ElementType.Float32))];
        }

        private IReadOnlyList<Tensor>? Halves(Node node)
        {
            var name = node.Operator.Name;
            if (IsProduct(node) && node.Inputs.OfType<Tensor>().All(Fits))
            {
                _any = true;
                if (name == "Attention") return [Attention(node)];
                if (OwnProducts.FormOf(node) is { KeepsAxes: true }) return [Half(node[0]).MatMul(Half(node[1]))];
                if (OwnProducts.FormOf(node) is { } form) return [Half(node[0]).Gemm(Half(node[1]), node.Optional(2) is { } c ? Half(c) : null, form.TransA, form.TransB)];
                return Same(node);
            }
            var taken = node.Inputs.OfType<Tensor>().Where(input => input.Type == ElementType.Float32).ToList();
            var computed = taken.Count(_computed.ContainsKey);
            if (computed == 0) return null;
            if (Moves.Contains(name) || Activations.Contains(name)) return name == "QuickGelu" ? [Fused.StandardQuickGelu(_computed[node[0]])] : Same(node);
            // With a stored factor or bias, or with a factor that is bounded: the square of an activation may be more than 16 bits hold.
            var byStored = computed == 1 && taken.Count == 2 && taken.All(input => _computed.ContainsKey(input) || (IsStored(input) && Fits(input)));
            if (name is "Add" or "Mul" && byStored) return Same(node);
            if (name == "Div" && byStored && IsStored(node[1])) return Same(node);
            return name == "Mul" && computed == 2 && taken.Any(IsBounded) ? Same(node) : null;
        }

        // Where few numbers are summed up it is arithmetic of positions and masks, which may be large.
        private static bool IsProduct(Node node) => node.Operator.Name switch
        {
            "Conv" or "Attention" => true,
            "MatMul" or "Gemm" => InnerOf(node) is not { IsFixed: true, Value: < LinearLayer.LeastWidth },
            _ => OwnProducts.FormOf(node) is not null,
        };

        private static Dim InnerOf(Node node) =>
            node[0].Shape[node.Operator.Name == "Gemm" && LinearAlgebra.Transposed(node).A ? ^2 : ^1];

        private IReadOnlyList<Tensor> Same(Node node) => copy.Target.Add(
            node.Operator, copy.Target.FreeName(node.Operator.Name), node.Attributes, node.OutputCount,
            [.. node.Inputs.Select(input => input is null ? null : input.Type == ElementType.Float32 ? Half(input) : copy[input])]);

        private Tensor Attention(Node node)
        {
            var (q, k, v) = (Half(node[0]), Half(node[1]), Half(node[2]));
            var scores = (q * Half(node[3])).Transpose(0, 2, 1, 3).MatMul(k.Transpose(0, 2, 3, 1)).Cast(ElementType.Float32);
            return (scores + copy[node[4]]).Softmax().Cast(ElementType.Float16).MatMul(v.Transpose(0, 2, 1, 3)).Transpose(0, 2, 1, 3);
        }

        private Tensor Half(Tensor source)
        {
            if (_computed.TryGetValue(source, out var half) || _rounded.TryGetValue(source, out half)) return half;
            return _rounded[source] = ValueOf(source) is { } value ? copy.Target.Constant(value.To(ElementType.Float16)) : copy[source].Cast(ElementType.Float16);
        }

        private bool IsBounded(Tensor x) => x.Producer is { } maker
            && (Bounds.Contains(maker.Operator.Name) || (maker.Operator.Name == "Add" && maker.Inputs.OfType<Tensor>().All(input => IsStored(input) || IsBounded(input))));

        private bool IsStored(Tensor x) => ValueOf(x) is not null;

        // A number that is too large for 16 bits would become infinite.
        private bool Fits(Tensor x) => ValueOf(x) is not { Values: float[] { Length: > 0 } values } || Math.Abs(TensorPrimitives.MaxMagnitude<float>(values)) <= Largest;

        // Also of weights that are stored in 16 bits and widened.
        private TensorData? ValueOf(Tensor x) => x.Constant ?? _values.GetValueOrDefault(x)
            ?? (x.Producer is { Operator.Name: "Cast" } cast && cast[0].Type == ElementType.Float16 ? ValueOf(cast[0]) : null);
    }
}
