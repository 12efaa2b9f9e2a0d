using System.Globalization;
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
        var list = NamedBlocks(graph, $"lastBlocks is {blocks}", "lastBlocks");
        if (list.Towers.Min(tower => tower.Blocks) is var least && blocks > least)
            throw new InvalidInputException($"'{graph.Name}': lastBlocks is {blocks}, and a tower has {least}; take {least} or less, or leave lastBlocks out");
        foreach (var parameter in graph.Parameters.Where(p => list.Of(p.Name).Depth > blocks)) parameter.Trainable = false;
    }

    /// <summary>Refuses what cannot be trained, before anything is read that it would be trained on.</summary>
    /// <param name="graph">the encoder, without gradients; what is not trained is frozen in it</param>
    /// <param name="lastBlocks">that are trained; null: all</param>
    /// <param name="blockRate">the learning rate of a block is that of the one above it times this</param>
    /// <exception cref="InvalidInputException">
    /// The blocks are fewer or cannot be told apart, or an operator without gradient lies before what is trained: the message names it, and how many blocks can be.
    /// </exception>
    public static void Require(Graph graph, int? lastBlocks, double blockRate = 1)
    {
        if (lastBlocks is { } blocks) FreezeBelow(graph, blocks);
        if (blockRate < 1) NamedBlocks(graph, string.Create(CultureInfo.InvariantCulture, $"blockRate is {blockRate}"), "blockRate");
        if (graph.FirstGap() is not { } gap) return;
        var list = Blocks.Of(graph);
        var most = list.AreNamed ? list.Towers.Min(tower => tower.Blocks) : 0;
        var enough = Enumerable.Range(0, most).Reverse().Select(n => (int?)n).FirstOrDefault(n => CanTrainAbove(graph, n!.Value));
        throw new InvalidInputException(
            $"'{graph.Name}' cannot be trained: {gap}; {(enough is null ? "nothing behind it can be trained: take another encoder" : $"what lies behind it can be trained: take lastBlocks: {enough}")}");
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

    private static bool CanTrainAbove(Graph graph, int blocks)
    {
        FreezeBelow(graph, blocks);
        return graph.FirstGap() is null && graph.Outputs.Values.Any(output => graph.Parameters.Any(p => p.Trainable && output.DependsOn(p.Tensor)));
    }

    private static BlockList NamedBlocks(Graph graph, string wanted, string key) => Blocks.Of(graph) is { AreNamed: true } list ? list
        : throw new InvalidInputException($"'{graph.Name}': {wanted}, and names in the graph do not tell its blocks apart; leave {key} out");
}
