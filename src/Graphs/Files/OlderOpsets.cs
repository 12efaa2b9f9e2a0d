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
        (["Reshape"], ["shape"]),
    ];

    /// <summary>The inputs and attributes that the present opset has for a node of <paramref name="opset"/>.</summary>
    /// <exception cref="GraphException">The meaning changed and cannot be said in the present form.</exception>
    public static (List<Tensor?> Inputs, Attributes Attributes) Upgrade(Graph graph, string op, int opset, List<Tensor?> inputs, Attributes attributes)
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
        attributes = attributes.Without(moved);
        if (opset < 13 && (op == "Softmax" || op == "LogSoftmax"))
        {
            // It worked on all axes from this one on together.
            var axis = attributes.Int("axis", 1);
            var rank = inputs[0]!.Rank;
            if ((axis < 0 ? axis + rank : axis) != rank - 1) throw new GraphException(
                $"{op} of '{inputs[0]!.Name}' {inputs[0]!.Shape}: before opset 13 it ran over several axes from axis {axis} on; export the model with opset 13 or later");
            attributes = new Attributes(("axis", -1L));
        }
        if (op == "BatchNormalization" && attributes.Int("training_mode", 0) == 1)
            throw new GraphException($"{op} of '{inputs[0]!.Name}' is in training mode; export the model for inference");
        return (inputs, op == "Dropout" ? Attributes.None : attributes);
    }
}
