using LmmRec.Artifacts;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>The graph of an encoder as it is tuned: what is not trained is frozen and, where what that gives is kept, no part of it.</summary>
/// <param name="Tuning">what is differentiated</param>
/// <param name="Whole">the same with all that is frozen</param>
/// <param name="Prefix">the frozen part; null: nothing is kept</param>
internal sealed record TunedGraph(TuningGraph Tuning, Graph Whole, FrozenPrefix? Prefix)
{
    /// <summary>Makes the graph.</summary>
    /// <param name="encoder">the encoder, with its weights</param>
    /// <param name="options">what is trained, and how</param>
    /// <exception cref="InvalidInputException">It cannot be tuned so: it has fewer blocks, an operator has no gradient, or nothing is frozen that could be kept.</exception>
    public static TunedGraph Of(TrainableEncoder encoder, TuneOptions options)
    {
        var tuning = encoder.TuningGraph(options.LossOf(encoder.Card));
        if (options.Lora is null) TrainedParameters.Require(tuning.Graph, options.LastBlocks, options.BlockRate);
        else if (options.LastBlocks is { } blocks) TrainedParameters.FreezeBelow(tuning.Graph, blocks);
        var graph = options.Recompute ? tuning.Graph.RecomputedByBlock() : tuning.Graph;
        if (options.Lora is { } lora) graph = TrainedParameters.Updated(graph, lora);
        if (options.KeepPrefix == KeptPrefix.None) return new TunedGraph(tuning with { Graph = graph }, graph, null);

        var split = FrozenPrefix.Split(graph, TuningPlan.Vectors(tuning));
        if (split.Kept.Count == 0) throw new InvalidInputException($"tune.keepPrefix: '{encoder.Folder}' has nothing frozen that could be kept; leave keepPrefix out");
        foreach (var name in TuningPlan.Temperatures(tuning)) // no vector needs them
        {
            var temperature = graph.Parameters.Single(p => p.Name == name);
            split.Rest.Parameter(name, temperature.Value!, temperature.Trainable);
        }
        return new TunedGraph(tuning with { Graph = split.Rest }, graph, split);
    }
}
