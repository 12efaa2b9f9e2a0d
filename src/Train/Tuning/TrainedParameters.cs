using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>Which of an encoder's parameters are trained, and each with what learning rate and decay (docs/encoders.md#fine-tuning).</summary>
internal static class TrainedParameters
{
    /// <summary>The groups of parameters that are trained in a way of their own.</summary>
    /// <param name="graph">the encoder's graph</param>
    /// <param name="decays">whether weight decay applies to a parameter</param>
    public static IReadOnlyList<ParameterGroup> Groups(Graph graph, Func<Parameter, bool> decays) =>
        [new ParameterGroup { Names = [.. graph.Parameters.Where(p => p.Trainable && !decays(p)).Select(p => p.Name)], WeightDecay = 0 }];
}
