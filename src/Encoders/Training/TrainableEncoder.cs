using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>
/// An encoder whose weights can be trained: the graphs that encode, with their weights as parameters, and what writes them as one more encoder
/// (docs/encoders.md#training-an-encoder).
/// </summary>
public sealed class TrainableEncoder
{
    private readonly ITrainableTowers _towers;
    private readonly Lazy<Graph?> _visual, _textual;

    private TrainableEncoder(string folder, EncoderCard card, ITrainableTowers towers)
    {
        (Folder, Card, _towers) = (folder, card, towers);
        _visual = new(() => card.Image is null ? null : towers.Tower(EncoderGraph.Visual));
        _textual = new(() => card.Text is null ? null : towers.Tower(EncoderGraph.Textual));
        if (card.Image is { } image) Pictures = new PictureInput(image, folder, EncoderGraph.Pixels, towers.PictureSizes);
        var names = new OnnxTower { Input = EncoderGraph.Ids, Mask = towers.TakesMask ? EncoderGraph.Mask : null };
        if (card.Text is { } text) Texts = new TextInput(card, text.Open(folder), names, towers.TakesAnyLength);
    }

    /// <summary>The encoder's folder.</summary>
    public string Folder { get; }

    /// <summary>What the encoder is.</summary>
    public EncoderCard Card { get; }

    /// <summary>What feeds pictures to the graphs; null where the encoder reads none.</summary>
    public PictureInput? Pictures { get; }

    /// <summary>What feeds texts to the graphs; null where the encoder reads none.</summary>
    public TextInput? Texts { get; }

    /// <summary>The tower of pictures: <see cref="EncoderGraph.Pixels"/> → <see cref="EncoderGraph.Visual"/> [B, F]; null where there is none. A parameter of both towers has one name in both.</summary>
    public Graph? Visual => _visual.Value;

    /// <summary>The tower of texts: <see cref="EncoderGraph.Ids"/> and, where padding is masked, <see cref="EncoderGraph.Mask"/> → <see cref="EncoderGraph.Textual"/> [B, F]; null where there is none.</summary>
    public Graph? Textual => _textual.Value;

    /// <summary>Opens the encoder in <paramref name="folder"/> at its weights.</summary>
    /// <exception cref="InvalidInputException">Files are missing or damaged, or the encoder computes with 8-bit integers or 16-bit floats.</exception>
    /// <exception cref="ConfigurationException">The card has faults.</exception>
    public static TrainableEncoder Open(string folder)
    {
        var card = EncoderCard.Read(folder);
        if (card.Precision != Precision.Full)
            throw new InvalidInputException($"{folder}: computes with {(card.Precision == Precision.Half ? "16-bit floats, which are too short to train" : "8-bit integers, through which no gradient goes")}; name the encoder that computes with 32-bit floats (precision full)");
        return new TrainableEncoder(folder, card, card.Onnx is null ? new OwnTowers(folder, card) : new OnnxTowers(folder, card));
    }

    /// <summary>Whether weight decay applies to a parameter: not to biases, gains of normalisation and temperatures.</summary>
    public bool Decays(Parameter parameter) => Card.Architecture.Decays(parameter.Name, parameter.Tensor.Rank);

    /// <summary>A new graph that is tuned by a loss.</summary>
    /// <exception cref="InvalidInputException">The encoder has no such loss.</exception>
    public TuningGraph TuningGraph(TuningLoss loss)
    {
        if (Pictures is null || Texts is null)
            throw new InvalidInputException($"{Folder}: reads {(Pictures is null ? "texts" : "pictures")} only, and fine-tuning brings pictures and texts together; take an encoder of both, such as clip-vit-b16, or train this one end to end (train.ete)");
        if (loss == TuningLoss.Vlmo && Card.Vlmo is null) throw new InvalidInputException($"{Folder}: is no VLMo, so it has no matching and no words to be tuned by; tune it by contrast or sigmoid");
        var graph = new Graph("tuning");
        var tokens = Texts.Lengths is [var length] ? (Dim)length : EncoderGraph.UpTo(Texts.Lengths[^1]);
        var pixels = graph.Input(EncoderGraph.Pixels, ElementType.Float32, ["batch", .. Pictures.Shape.Select(size => (Dim)size)]);
        var text = new TokenTensors(graph.Input(EncoderGraph.Ids, ElementType.Int64, ["batch", tokens]), graph.Input(EncoderGraph.Mask, ElementType.Int64, ["batch", tokens]));
        var (contrasts, bias, fused) = _towers.Add(graph, pixels, text, loss);
        List<ContrastPair> pairs = [];
        foreach (var (number, contrast) in contrasts.Index())
        {
            var (images, texts) = number == 0 ? ("images", "texts") : ("images_vl", "texts_vl");
            graph.Output(images, contrast.Images);
            graph.Output(texts, contrast.Texts);
            pairs.Add(new ContrastPair(images, texts, contrast.LogitScale.Name, bias?.Name, 1.0 / contrasts.Count));
        }
        graph.Initialize(new SeededRandom(0)); // a temperature or bias that the encoder lacks, which are constants
        return new TuningGraph(graph, pairs, fused);
    }

    /// <summary>Writes the encoder with other weights as one more encoder. The same values and recipe give the same bytes.</summary>
    /// <param name="folder">where to, not the encoder's own</param>
    /// <param name="how">what was done to the encoder, for the card's description</param>
    /// <param name="values">of a parameter by its name; null: it keeps its own</param>
    /// <param name="recipe">how they came about: the card's section <c>tuned</c>, with the parent's name and the hash of its files</param>
    /// <param name="half">whether the weights are stored in 16 bits; the graphs widen them and compute in 32</param>
    public void Write(string folder, string how, Func<string, TensorData?> values, JsonObject recipe, bool half)
    {
        if (Path.GetFullPath(folder) == Path.GetFullPath(Folder)) throw new InvalidInputException($"{Folder}: the encoder would take its own place; name another target");
        using var staged = new StagedEncoder(folder);
        foreach (var (name, path) in CardFiles.In(Card, Folder)) CardFiles.Copy(path, staged.Folder, name);
        var temperatures = _towers.Write(staged.Folder, values, half);
        CardFiles.WriteCard(Folder, staged.Folder, card =>
        {
            card.Remove("weights"); // where the parent's came from
            var tuned = recipe.DeepClone().AsObject();
            var parent = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));
            card["description"] = $"{parent}, {how}; the section tuned says from what and by what"; // its own would no longer be true
            tuned["parent"] = parent;
            tuned["fingerprint"] = EncoderFiles.FingerprintOf(Folder, Card);
            foreach (var (key, value) in temperatures) tuned[key] = value;
            card["tuned"] = tuned;
        });
        staged.Publish(Card);
    }
}
