using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>How many bytes it takes to keep what the frozen part of a tower gives for an item, by the shapes of that.</summary>
/// <param name="split">the tower in two, with kept tensors</param>
/// <param name="kind">how the values are kept</param>
internal sealed class PrefixSize(FrozenPrefix split, KeptPrefix kind)
{
    private readonly IReadOnlyList<Shape> _shapes = [.. split.Kept.Select(name => split.Prefix.Outputs[name].Shape)];
    private readonly IReadOnlyList<Tensor> _inputs = [.. split.Prefix.Inputs.Where(input => input.Shape.Skip(1).Any(size => !size.IsFixed))]; // texts, each as long as it is

    /// <summary>The inputs whose sizes an item's bytes depend on; none where all items take the same.</summary>
    public IReadOnlySet<string> Inputs => _inputs.Select(input => input.Name).ToHashSet();

    /// <summary>Bytes of one item; null where a shape has a size that is no input's.</summary>
    /// <param name="feed">what the tower is fed for it, at least <see cref="Inputs"/></param>
    public long? Of(Batch feed)
    {
        var sizes = _shapes.Select(shape => shape[0].ToString()).Distinct().ToDictionary(items => items, _ => 1L);
        foreach (var input in _inputs)
            foreach (var (axis, size) in input.Shape.Index()) sizes[size.ToString()] = feed[input.Name].Shape[axis];
        return _shapes.Aggregate((long?)0, (sum, shape) => sum + shape.Size.At(sizes)) * (kind == KeptPrefix.Float16 ? sizeof(float) / 2 : sizeof(float));
    }
}
