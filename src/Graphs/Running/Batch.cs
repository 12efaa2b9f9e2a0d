namespace LmmRec.Graphs;

/// <summary>The tensors that one run is fed, by the names of the graph's inputs: <c>new Batch { ["users"] = TensorData.Of(users) }</c>.</summary>
public sealed class Batch() : Dictionary<string, TensorData>(StringComparer.Ordinal)
{
    /// <summary>Names of tensors whose elements stay what they are for as long as the same object is fed: a device takes them over once.</summary>
    public HashSet<string> Lasting { get; } = new(StringComparer.Ordinal);

    /// <summary>What a graph with the inputs <paramref name="names"/> is fed of this: not all graphs read masks, negatives, or what is made on the host.</summary>
    public Batch Only(IEnumerable<string> names)
    {
        var used = new Batch();
        foreach (var name in names)
        {
            if (!TryGetValue(name, out var value)) continue;
            used[name] = value;
            if (Lasting.Contains(name)) used.Lasting.Add(name);
        }
        return used;
    }
}
