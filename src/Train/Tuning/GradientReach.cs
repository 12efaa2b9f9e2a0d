using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>Whether gradients reach what is to be trained, which is known before anything is read or trained.</summary>
internal static class GradientReach
{
    /// <summary>Refuses a tower in which they do not.</summary>
    /// <param name="graph">the tower, without gradients, with all frozen that is not trained; it is of no use where it is refused</param>
    /// <exception cref="InvalidInputException">Nothing is left to train, or an operator without gradient lies behind it; the message says which lastBlocks would do.</exception>
    public static void Require(Graph graph)
    {
        if (!graph.Parameters.Any(p => p.Trainable)) throw new InvalidInputException($"'{graph.Name}': lastBlocks leaves nothing to train; take 1 or more");
        if (graph.GradientGap() is not { } gap) return;
        throw new InvalidInputException($"'{graph.Name}': '{gap.Node}' ({gap.Operator}) has no gradient, and weights before it were to be trained; "
            + (MostBlocks(graph) is { } blocks ? $"train those behind it alone: lastBlocks {blocks}{(blocks > 0 ? " or less" : "")}" : "this encoder cannot be trained"));
    }

    private static int? MostBlocks(Graph graph)
    {
        var list = Blocks.Of(graph);
        if (!list.AreNamed) return null;
        for (var blocks = list.Towers.Min(tower => tower.Blocks); blocks >= 0; blocks--)
        {
            TrainedParameters.FreezeBelow(graph, blocks);
            if (graph.GradientGap() is null) return graph.Parameters.Any(p => p.Trainable) ? blocks : null;
        }
        return null;
    }
}
