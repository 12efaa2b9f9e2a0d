using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>The towers of our own architectures, imported or with weights drawn from the card's seed.</summary>
internal sealed class OwnTowers(string folder, EncoderCard card) : ITrainableTowers
{
    public IReadOnlyList<int> PictureSizes => [-1, 3, -1, -1];

    // VLMo's fused path knows by its place which token is the text's.
    public bool TakesAnyLength => card.Vlmo is null;

    public bool TakesMask => card.Architecture.MasksPadding;

    public Graph Tower(string output) => Named(() => EncoderGraph.Tower(card, ReadWeights(), output));

    public TuningTensors Add(Graph graph, Tensor pixels, TokenTensors text, TuningLoss loss) => Named(() =>
    {
        var layers = new Layers(graph, ReadWeights());
        var contrasts = card.Architecture.Contrasts(layers, card, pixels, text).Take(loss == TuningLoss.Vlmo ? 2 : 1).ToList();
        var fused = loss == TuningLoss.Vlmo;
        if (fused) FusedLoss.Add(layers, card, pixels, text);
        if (graph.Parameters.FirstOrDefault(p => p.Value is null) is { } missing) throw new GraphException($"the weights lack '{missing.Name}'");
        var bias = loss == TuningLoss.Sigmoid ? layers.Parameter(TuningNames.LogitBias, Initializers.Constant(ContrastiveLoss.FirstLogitBias)) : null;
        return new TuningTensors(contrasts, bias, fused);
    });

    public IReadOnlyDictionary<string, float> Write(string target, Func<string, TensorData?> values, bool half)
    {
        var weights = ReadWeights();
        if (values(TuningNames.LogitBias) is { } bias) weights[TuningNames.LogitBias] = bias; // which only the sigmoid loss has
        foreach (var (name, own) in weights.ToList())
        {
            var value = values(name) ?? own;
            weights[name] = half ? HalfWeights.Of(name, value) : value;
        }
        EncoderFiles.Write(target, card, weights);
        return new Dictionary<string, float>();
    }

    // In 32 bits, as only these are trained.
    private Dictionary<string, TensorData> ReadWeights()
    {
        if (!EncoderFiles.AreThere(folder, card)) return new(EncoderGraph.DrawWeights(card, card.Weights.Seed!.Value), StringComparer.Ordinal);
        var file = Path.Combine(folder, Encoder.WeightsFile);
        if (!File.Exists(file)) throw new InvalidInputException($"{file}: is missing; import the weights again");
        return SafeTensors.ReadFloats(file).ToDictionary(t => t.Key, t => TensorData.Of(t.Value.ToFloats()).Reshaped(t.Value.Shape), StringComparer.Ordinal);
    }

    private T Named<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (GraphException e)
        {
            throw new InvalidInputException($"{folder}: {e.Message}; import the weights again", e);
        }
    }
}
