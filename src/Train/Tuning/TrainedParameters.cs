using System.Globalization;
using System.IO.Enumeration;
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
        GradientReach.Require(graph);
    }

    /// <summary>The graph with low-rank updates of some weights, which alone are trained; <paramref name="graph"/> stays as it is.</summary>
    /// <param name="graph">the encoder's, without gradients; what is frozen in it gets no update</param>
    /// <param name="lora">which weights, and how</param>
    /// <exception cref="InvalidInputException">The pattern picks no weight matrix that is not frozen, or one with a smaller side than the rank.</exception>
    public static Graph Updated(Graph graph, LoraOptions lora)
    {
        const int Named = 8;
        var matrices = graph.Parameters.Where(p => p is { Trainable: true, Tensor: { Type: ElementType.Float32, Rank: > 1 } } && LeastSide(p) > 1).ToList();
        var picked = matrices.Where(p => FileSystemName.MatchesSimpleExpression(lora.Weights, p.Name, ignoreCase: false)).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (picked.Count == 0)
            throw new InvalidInputException($"'{graph.Name}': lora.weights is '{lora.Weights}', which no weight matrix of the trained blocks is called; such are {string.Join(", ", matrices.Take(Named).Select(p => p.Name))}{(matrices.Count > Named ? $" and {matrices.Count - Named} others" : "")}");
        if (matrices.Where(p => picked.Contains(p.Name)).MinBy(LeastSide) is { } least && LeastSide(least) < lora.Rank)
            throw new InvalidInputException($"'{graph.Name}': lora.rank is {lora.Rank}, and the smaller side of '{least.Name}' {least.Tensor.Shape} is {LeastSide(least)}; take a rank of that or less, or leave this weight out of lora.weights");
        var updated = LowRank.Rewrite(graph, p => picked.Contains(p.Name), lora.Rank, lora.Alpha);
        foreach (var other in graph.Parameters) updated.Parameters.First(p => p.Name == other.Name).Trainable = false;
        return updated;

        // Of the matrix that a weight is to its update: the first axis, and the others together.
        static long LeastSide(Parameter p) => Math.Min(p.Tensor.Shape[0].Value, p.Tensor.Shape.Size.Value / p.Tensor.Shape[0].Value);
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

    private static BlockList NamedBlocks(Graph graph, string wanted, string key) => Blocks.Of(graph) is { AreNamed: true } list ? list
        : throw new InvalidInputException($"'{graph.Name}': {wanted}, and names in the graph do not tell its blocks apart; leave {key} out");
}
