using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>Which of an encoder's parameters are trained, and each with what learning rate and decay (docs/encoders.md#fine-tuning).</summary>
internal static class TrainedParameters
{
    /// <summary>Freezes what lies below the last <paramref name="blocks"/> of a tower.</summary>
    /// <param name="graph">the tower, without gradients</param>
    /// <param name="blocks">that are trained, with what comes behind them</param>
    /// <exception cref="InvalidInputException">The tower has fewer blocks, or they cannot be told apart.</exception>
    public static void FreezeBelow(Graph graph, int blocks)
    {
        var list = Blocks.Of(graph);
        if (!list.AreNamed) throw new InvalidInputException($"'{graph.Name}': lastBlocks is {blocks}, and names in the graph do not tell its blocks apart; leave lastBlocks out");
        if (list.Towers.Min(tower => tower.Blocks) is var least && blocks > least)
            throw new InvalidInputException($"'{graph.Name}': lastBlocks is {blocks}, and a tower has {least}; take {least} or less, or leave lastBlocks out");
        foreach (var parameter in graph.Parameters.Where(p => list.Of(p.Name).Depth > blocks)) parameter.Trainable = false;
    }

    /// <summary>The groups of parameters that are trained in a way of their own.</summary>
    /// <param name="graph">the encoder's graph</param>
    /// <param name="decays">whether weight decay applies to a parameter</param>
    /// <param name="blockRate">the learning rate of a block is that of the one above it times this</param>
    public static IReadOnlyList<ParameterGroup> Groups(Graph graph, Func<Parameter, bool> decays, double blockRate = 1)
    {
        var blocks = blockRate < 1 ? Blocks.Of(graph) : null;
        return [.. graph.Parameters.Where(p => p.Trainable).GroupBy(p => (Depth: blocks?.Of(p.Name).Depth ?? 0, Decays: decays(p))).Select(group => new ParameterGroup
        {
            Names = [.. group.Select(p => p.Name)],
            RateFactor = Math.Pow(blockRate, group.Key.Depth),
            WeightDecay = group.Key.Decays ? null : 0,
        })];
    }
}
