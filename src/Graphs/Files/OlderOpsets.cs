namespace LmmRec.Graphs;

/// <summary>Operators as older opsets have them, in terms of the present one: most of what was an attribute is an input now.</summary>
internal static class OlderOpsets
{
    /// <summary>Before it operators differ in more than form.</summary>
    public const int Oldest = 7;

    private static readonly (string[] Operators, string[] Attributes)[] NowInputs =
    [
        (["Squeeze", "Unsqueeze", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceProd"], ["axes"]),
        (["Split"], ["split"]),
        (["TopK"], ["k"]),
        (["Slice"], ["starts", "ends", "axes"]),
        (["Pad"], ["pads", "value"]),
        (["Clip"], ["min", "max"]),
    ];

    // What says nothing any more: Dropout's ratio is an input that inference has no use for; spatial is checked before it goes.
    private static readonly (string Operator, string[] Attributes)[] Gone = [("Dropout", ["ratio", "seed"]), ("BatchNormalization", ["spatial"])];

    /// <summary>Adds a node of <paramref name="opset"/> in the present form.</summary>
    /// <exception cref="GraphException">The meaning changed and cannot be said in the present form.</exception>
    public static IReadOnlyList<Tensor> Add(Graph graph, Operator op, string name, int opset, Attributes attributes, int outputs, List<Tensor?> inputs)
    {
        var x = inputs.FirstOrDefault();
        if (op.Name == "BatchNormalization") CheckNormalization(x, opset, attributes, outputs);
        attributes = MoveToInputs(graph, op.Name, inputs, attributes);
        attributes = attributes.Without([.. Gone.Where(row => row.Operator == op.Name).SelectMany(row => row.Attributes)]);
        if (op.Name == "Split" && opset < 18 && inputs.Count < 2) attributes = attributes.With("num_outputs", (long)outputs); // which the outputs themselves said
        if (op.Name is not ("Softmax" or "LogSoftmax") || opset >= 13) return graph.Add(op, name, attributes, outputs, inputs);

        // It worked on all axes from this one on together: in the present form on the last of a matrix.
        var axis = attributes.Int("axis", 1);
        var last = attributes.With("axis", -1L);
        return (axis < 0 ? axis + x!.Rank : axis) == x!.Rank - 1
            ? graph.Add(op, name, last, outputs, inputs)
            : [graph.Add(op, name, last, outputs, [graph.Add("Flatten", new Attributes(("axis", axis)), x)])[0].ReshapeLike(x)];
    }

    private static Attributes MoveToInputs(Graph graph, string op, List<Tensor?> inputs, Attributes attributes)
    {
        var moved = NowInputs.FirstOrDefault(row => row.Operators.Contains(op)).Attributes ?? [];
        for (var i = 0; i < moved.Length; i++)
        {
            if (attributes.All.FirstOrDefault(a => a.Key == moved[i]).Value is not { } value) continue;
            while (inputs.Count < i + 2) inputs.Add(null);
            inputs[i + 1] = value switch
            {
                long[] numbers => graph.Integers(numbers),
                long number => graph.Integers(number),
                float number => inputs[0]!.Like(number),
                _ => throw new GraphException($"{op}: attribute '{moved[i]}' is neither numbers nor a number"),
            };
        }
        return attributes.Without(moved);
    }

    private static void CheckNormalization(Tensor? x, int opset, Attributes attributes, int outputs)
    {
        if (attributes.Int("spatial", 1) == 0)
            throw new GraphException($"BatchNormalization of '{x?.Name}' has spatial = 0, statistics per position, which opset 9 took away; export the model with opset 9 or later");
        if (attributes.Int("training_mode", 0) == 1 || (opset < 14 && outputs > 1))
            throw new GraphException($"BatchNormalization of '{x?.Name}' is in training mode; export the model for inference");
    }
}
