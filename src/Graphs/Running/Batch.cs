namespace LmmRec.Graphs;

/// <summary>The tensors that one run is fed, by the names of the graph's inputs: <c>new Batch { ["users"] = TensorData.Of(users) }</c>.</summary>
public sealed class Batch() : Dictionary<string, TensorData>(StringComparer.Ordinal)
{
    /// <summary>Names of tensors whose elements stay what they are for as long as the same object is fed: a device takes them over once.</summary>
    public HashSet<string> Lasting { get; } = new(StringComparer.Ordinal);
}
