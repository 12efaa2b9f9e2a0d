using System.Globalization;
using System.Text.RegularExpressions;

namespace LmmRec.Graphs;

/// <summary>
/// Finds the blocks of encoders by the numbers in names, such as <c>visual.transformer.resblocks.3.attn</c>, <c>encoder.layer.3.output</c> or
/// <c>/model/layers.3/mlp/MatMul</c>; the only block of a small model may be a <c>block</c> without one. Names of parameters decide; what has no such name goes by what it reads and what reads it. Blocks of several
/// names, one group behind the other, are one tower.
/// </summary>
public static partial class Blocks
{
    /// <summary>The name of a tower whose parts have no numbers: it is one block.</summary>
    public const string Whole = "";

    /// <summary>The blocks of <paramref name="graph"/>, which has no nodes of gradients yet.</summary>
    public static BlockList Of(Graph graph) => Of(graph, graph.Nodes);

    /// <summary>The same of some of its nodes: those before the gradients were added.</summary>
    internal static BlockList Of(Graph graph, IReadOnlyList<Node> nodes)
    {
        var names = new BlockNames(graph, nodes);
        var towers = new BlockTowers(names, nodes);
        var places = new Dictionary<Node, BlockPlace>();
        var values = new Dictionary<Tensor, BlockPlace>(); // of nodes that compute on inputs
        foreach (var node in nodes.Where(names.IsFed))
        {
            if (PlaceOf(node) is not { } place) continue;
            places[node] = place;
            foreach (var output in node.Outputs) values[output] = place;
        }
        var readers = Readers(nodes, places);
        var rest = new BlockPlace(towers.First, towers.Count(towers.First), towers.Count(towers.First)); // behind all: nothing of a tower reads it
        return new BlockList(
            graph.Parameters.ToDictionary(p => p.Name, p => names.Of(p.Tensor) is { } name ? towers.Place(name) : readers.GetValueOrDefault(p.Tensor, rest), StringComparer.Ordinal),
            places);

        BlockPlace? PlaceOf(Node node)
        {
            if (names.Of(node) is { } name) return towers.Place(name);
            var before = node.Inputs.OfType<Tensor>().Where(i => values.TryGetValue(i, out var p) && !p.IsEmbedding).Select(i => values[i]).Distinct().ToList();
            var after = towers.After(node);
            if (before.Count == 0) return after is not null ? new BlockPlace(after, towers.Count(after), -1) : node.Inputs.Any(names.IsStored) ? new BlockPlace(Whole, 1, 0) : null;
            var last = before.MaxBy(p => p.Index);
            var isHead = before.Exists(p => p.Tower != last.Tower || p.IsHead) || (after is null && last.Tower != Whole && node.Inputs.Any(names.IsStored));
            return isHead ? last with { Index = last.Blocks } : last;
        }
    }

    // The place of what reads a stored value, directly or through values that are made of stored ones alone; before the first block where several do.
    private static Dictionary<Tensor, BlockPlace> Readers(IReadOnlyList<Node> nodes, Dictionary<Node, BlockPlace> places)
    {
        var readers = new Dictionary<Tensor, BlockPlace>();
        foreach (var node in nodes.Reverse())
        {
            var found = places.TryGetValue(node, out var own) ? own : node.Outputs.Select(y => readers.TryGetValue(y, out var p) ? p : (BlockPlace?)null).FirstOrDefault(p => p is not null);
            if (found is not { } place) continue;
            foreach (var input in node.Inputs.OfType<Tensor>())
                readers[input] = !readers.TryGetValue(input, out var other) || other == place || other.IsHead ? place : place.IsHead ? other : other with { Index = -1 };
        }
        return readers;
    }

    /// <summary>The name and number of the block that a name speaks of; null: of none.</summary>
    internal static (string Stack, int Number)? Parse(string name)
    {
        // Exporters write "layer1/layer1.0" for the module "layer1.0".
        var path = Twice().Replace(name.Replace('/', '.').TrimStart('.'), "$1");
        if (Numbered().Match(path) is { Success: true } match) return (match.Groups["stack"].Value, int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture));
        return Single().Match(path) is { Success: true } only ? (only.Groups["stack"].Value, 0) : null;
    }

    [GeneratedRegex(@"(?<=^|\.)(\w+)\.\1(?=\.)")]
    private static partial Regex Twice();

    [GeneratedRegex(@"^(?<stack>(?:[^.]+\.)*?(?:\w*blocks?|\w*layers?|h|layer\d+))[._](?<number>\d{1,4})(?=\.|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"^(?<stack>(?:[^.]+\.)*?block)(?=\.)", RegexOptions.IgnoreCase)]
    private static partial Regex Single();
}
