namespace LmmRec.Graphs;

/// <summary>Inference rules that many operators share.</summary>
internal static class Inferred
{
    /// <summary>Type and shape of the first input.</summary>
    public static TensorType Same(Node n) => n[0].Inferred with { Contents = null };

    /// <summary>Type, shape and contents of the first input.</summary>
    public static TensorType Copy(Node n) => n[0].Inferred;

    /// <summary>The broadcast of all inputs, which must have one element type.</summary>
    public static TensorType Broadcast(Node n)
    {
        for (var i = 1; i < n.Inputs.Count; i++)
            if (n[i].Type != n[0].Type) throw n.Wrong($"the element types {n[0].Type} and {n[i].Type} differ");
        return new TensorType(n[0].Type, BroadcastShape(n, n.Inputs));
    }

    /// <summary>The broadcast of all inputs as truth values.</summary>
    public static TensorType Comparison(Node n) => Broadcast(n) with { Type = ElementType.Bool };

    /// <summary>The broadcast; where all elements of both integer inputs are known, those of the result too.</summary>
    public static Func<Node, TensorType> Arithmetic(Func<Dim, Dim, Dim?> known) => n =>
    {
        var type = Broadcast(n);
        if (type.Shape.Rank > 1 || n[0].Inferred.Contents is not { } a || n[1].Inferred.Contents is not { } b) return type;
        var contents = new Dim[Math.Max(a.Count, b.Count)];
        for (var i = 0; i < contents.Length; i++)
        {
            if (known(a[a.Count == 1 ? 0 : i], b[b.Count == 1 ? 0 : i]) is not { } element) return type;
            contents[i] = element;
        }
        return type with { Contents = contents };
    };

    /// <summary>Those of the known elements of a tensor of <paramref name="shape"/> that lie at the given positions along an axis, in their order.</summary>
    public static Dim[]? Along(IReadOnlyList<Dim>? elements, Shape shape, int axis, IReadOnlyCollection<int> positions)
    {
        if (elements is null || !shape.IsFixed) return null;
        var (size, inner) = ((int)shape[axis].Value, (int)new Shape([.. shape.Skip(axis + 1)]).Size.Value);
        return [.. from outer in Enumerable.Range(0, elements.Count / Math.Max(1, size * inner))
                   from position in positions
                   from i in Enumerable.Range(0, inner)
                   select elements[(outer * size + position) * inner + i]];
    }

    public static Shape BroadcastShape(Node n, IEnumerable<Tensor?> inputs)
    {
        var shape = new Shape();
        foreach (var input in inputs.OfType<Tensor>()) shape = Shape.Broadcast(shape, input.Shape) ?? throw n.Wrong("the shapes do not broadcast");
        return shape;
    }
}
