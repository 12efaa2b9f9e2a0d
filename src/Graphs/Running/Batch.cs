namespace LmmRec.Graphs;

/// <summary>The tensors that one run is fed, by the names of the graph's inputs: <c>new Batch { ["users"] = TensorData.Of(users) }</c>.</summary>
public sealed class Batch() : Dictionary<string, TensorData>(StringComparer.Ordinal);
