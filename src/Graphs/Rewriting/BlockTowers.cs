namespace LmmRec.Graphs;

/// <summary>The towers that stacks of blocks form: a stack that computes on another's results goes on where that one ends.</summary>
internal sealed class BlockTowers
{
    private readonly Dictionary<string, (string Tower, int Offset, List<int> Numbers)> _stacks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal) { [Blocks.Whole] = 1 };
    private readonly Dictionary<Tensor, string> _after = []; // the tower of the first block that reads a value, directly or not

    public BlockTowers(BlockNames names, IReadOnlyList<Node> nodes)
    {
        var numbers = names.All.GroupBy(n => n.Stack, n => n.Number, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Distinct().Order().ToList(), StringComparer.Ordinal);
        var before = new Dictionary<Tensor, string>(); // the tower that a value comes from
        foreach (var node in nodes.Where(names.IsFed))
        {
            var tower = node.Inputs.OfType<Tensor>().Select(before.GetValueOrDefault).FirstOrDefault(t => t is not null);
            if (names.Of(node) is var (stack, _))
            {
                if (!_stacks.ContainsKey(stack)) Add(stack, tower ?? stack);
                tower = _stacks[stack].Tower;
            }
            if (tower is not null)
                foreach (var output in node.Outputs) before[output] = tower;
        }
        foreach (var stack in numbers.Keys.Where(s => !_stacks.ContainsKey(s))) Add(stack, stack); // of parameters that nothing reads
        foreach (var node in nodes.Reverse())
        {
            var tower = names.Of(node) is var (stack, _) ? _stacks[stack].Tower : After(node);
            if (tower is null) continue;
            foreach (var input in node.Inputs.OfType<Tensor>()) _after[input] = tower;
        }

        void Add(string stack, string tower)
        {
            var offset = _counts.GetValueOrDefault(tower);
            _stacks[stack] = (tower, offset, numbers[stack]);
            _counts[tower] = offset + numbers[stack].Count;
        }
    }

    /// <summary>The tower that comes first; the whole where there is none.</summary>
    public string First => _stacks.Count > 0 ? _stacks.First().Value.Tower : Blocks.Whole;

    public int Count(string tower) => _counts[tower];

    public BlockPlace Place((string Stack, int Number) name)
    {
        var (tower, offset, numbers) = _stacks[name.Stack];
        return new BlockPlace(tower, Count(tower), offset + numbers.IndexOf(name.Number));
    }

    /// <summary>The tower with a block that reads the node's results, directly or not; null: none does.</summary>
    public string? After(Node node) => node.Outputs.Select(_after.GetValueOrDefault).FirstOrDefault(t => t is not null);
}
