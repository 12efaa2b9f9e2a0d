namespace LmmRec.Graphs;

/// <summary>Where a parameter or a node stands in a tower of blocks.</summary>
/// <param name="Tower">the tower's name: that of its blocks without their numbers</param>
/// <param name="Blocks">how many blocks the tower has</param>
/// <param name="Index">the block, from 0; −1: before the first; as many as there are blocks: behind the last</param>
public readonly record struct BlockPlace(string Tower, int Blocks, int Index)
{
    /// <summary>Whether it comes before the first block, or serves several.</summary>
    public bool IsEmbedding => Index < 0;

    /// <summary>Whether it comes behind the last block.</summary>
    public bool IsHead => Index == Blocks;

    /// <summary>How far it is from the result: 0 behind the last block, 1 in the last, as many as there are blocks in the first, one more before it.</summary>
    public int Depth => Blocks - Index;
}

/// <summary>The blocks of a graph's towers, and what belongs to which.</summary>
public sealed class BlockList
{
    private readonly IReadOnlyDictionary<string, BlockPlace> _parameters;
    private readonly IReadOnlyDictionary<Node, BlockPlace> _nodes;

    internal BlockList(IReadOnlyDictionary<string, BlockPlace> parameters, IReadOnlyDictionary<Node, BlockPlace> nodes) =>
        (_parameters, _nodes, Towers) = (parameters, nodes, [.. parameters.Values.DistinctBy(p => p.Tower).Select(p => (p.Tower, p.Blocks))]);

    /// <summary>The towers that have parameters, with the number of their blocks.</summary>
    public IReadOnlyList<(string Name, int Blocks)> Towers { get; }

    /// <summary>Whether names tell the blocks of all towers apart; where they do not, a tower is one block.</summary>
    public bool AreNamed => Towers.All(t => t.Name != Blocks.Whole);

    /// <summary>The place of a parameter.</summary>
    /// <exception cref="GraphException">The graph has no such parameter.</exception>
    public BlockPlace Of(string parameter) => _parameters.TryGetValue(parameter, out var place) ? place : throw new GraphException($"there is no parameter '{parameter}'");

    /// <summary>The place of a node that computes on the graph's inputs; null: it belongs to no tower.</summary>
    internal BlockPlace? Of(Node node) => _nodes.TryGetValue(node, out var place) ? place : null;
}
