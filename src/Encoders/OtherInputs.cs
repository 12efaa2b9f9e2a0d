using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>
/// What a graph of both towers is fed for the one that is not asked: one row, black or of one token, as no graph takes none. It reaches no vector.
/// </summary>
internal static class OtherInputs
{
    /// <summary>A value for each input of <paramref name="graph"/> that <paramref name="tower"/> does not name.</summary>
    /// <exception cref="InvalidInputException">An input is neither of the tower nor of the other one.</exception>
    public static Batch Of(TowerGraph graph, OnnxTower tower, OnnxTower? other, EncoderCard card)
    {
        var batch = new Batch();
        foreach (var name in graph.Model.Inputs.Except(tower.Inputs))
        {
            if (other?.File != tower.File || !other.Inputs.Contains(name))
                throw new InvalidInputException($"{graph.Name}: has the inputs {string.Join(", ", graph.Model.Inputs)}; the card names {string.Join(", ", tower.Inputs)}; name '{name}' in the card's section onnx, or export the file without it");
            var (type, sizes, _) = graph.Model.Input(name);
            int[] least = sizes.Count == 4 ? [1, .. card.Image!.ShapeIn(sizes)] : [1, 1];
            var shape = sizes.Select((size, i) => (long)(size > 0 ? size : least[i])).ToArray();
            var count = shape.Aggregate(1L, (n, d) => n * d);
            batch[name] = sizes.Count == 4
                ? TensorData.Of(new float[count], shape).To(type)
                : TensorData.Of(Enumerable.Repeat(1L, (int)count).ToArray(), shape).To(type);
        }
        return batch;
    }
}
