using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>An encoder that is ready to run: a card, and what encodes pictures and texts. It may be run from one thread at a time.</summary>
public sealed class Encoder : IDisposable
{
    /// <summary>What an import of our own architectures writes: the graphs of pictures and of texts; absent where weights are drawn from the card's seed.</summary>
    public const string VisualFile = "visual.onnx", TextualFile = "textual.onnx";

    /// <summary>The weights beside them: those of the graphs and those that only fine-tuning needs.</summary>
    public const string WeightsFile = "weights.safetensors";

    private readonly IReadOnlyCollection<TowerGraph> _graphs;

    private Encoder(EncoderCard card, PictureEncoder? pictures, TextEncoder? texts, IReadOnlyCollection<TowerGraph> graphs) =>
        (Card, Pictures, Texts, _graphs) = (card, pictures, texts, graphs);

    /// <summary>What the encoder is.</summary>
    public EncoderCard Card { get; }

    /// <summary>What encodes pictures; null where the encoder reads none.</summary>
    public PictureEncoder? Pictures { get; }

    /// <summary>What encodes texts; null where the encoder reads none.</summary>
    public TextEncoder? Texts { get; }

    /// <summary>Whether items are encoded one by one, because a graph works out a scale over all that is in it.</summary>
    public bool OneByOne => _graphs.Any(graph => graph.ScalesOverBatch);

    /// <summary>Opens the encoder in <paramref name="folder"/>: its files, else weights drawn from the card's seed.</summary>
    /// <param name="folder">the card's</param>
    /// <param name="options">how the graphs run</param>
    /// <param name="precision">how exactly graphs compute that the folder holds in full; null: in full. Others are as they are</param>
    /// <param name="batch">pictures or texts that run at once, where the graph takes any number; null: 16 on a processor, 64 on a card</param>
    /// <exception cref="InvalidInputException">
    /// Card, vocabulary or weights are missing, a graph takes other names, types or shapes than the card says, or cannot be rounded.
    /// </exception>
    /// <exception cref="ConfigurationException">The card has faults.</exception>
    public static Encoder Open(string folder, RuntimeOptions options, Precision? precision = null, int? batch = null)
    {
        var rows = batch ?? (options.Device == "cpu" ? Tower.RowsOnProcessor : Tower.RowsOnCard);
        var card = EncoderCard.Read(folder);
        var computes = card.Precision == Precision.Full ? precision ?? Precision.Full : Precision.Full;
        var tokenizer = card.Text?.Open(folder);
        var names = OnnxArchitecture.Of(card);
        var graphs = new Dictionary<string, TowerGraph>(StringComparer.Ordinal); // two towers in one file are one
        try
        {
            if (EncoderFiles.AreThere(folder, card))
                foreach (var tower in names.Towers.DistinctBy(t => t.File)) graphs[tower.File] = EncoderFiles.Open(folder, tower, card, options, computes);
            else
            {
                if (computes != Precision.Full) card = card with { Precision = computes };
                var weights = EncoderGraph.DrawWeights(card, card.Weights.Seed!.Value);
                foreach (var tower in names.Towers)
                    graphs[tower.File] = new TowerGraph(tower.File, InferenceModel.Open(EncoderGraph.Tower(card, weights, tower.Output), options), ScalesOverBatch: false, new Dictionary<string, long>(), IsOwn: true);
            }
            var pictures = names.Visual is { } visual ? new PictureEncoder(card.Image!, folder, new Tower(graphs[visual.File], visual, names.Textual, card, rows)) : null;
            var texts = names.Textual is { } textual ? new TextEncoder(card, tokenizer!, new Tower(graphs[textual.File], textual, names.Visual, card, rows)) : null;
            return new Encoder(card, pictures, texts, graphs.Values);
        }
        catch
        {
            foreach (var graph in graphs.Values) graph.Model.Dispose();
            throw;
        }
    }

    /// <summary>The files in <paramref name="folder"/> that determine the vectors: those that the graphs take their weights from are among them.</summary>
    /// <exception cref="InvalidInputException">A graph cannot be read.</exception>
    public static IReadOnlyList<string> FilesOf(string folder, EncoderCard card) => EncoderFiles.Of(folder, card);

    public void Dispose()
    {
        foreach (var graph in _graphs) graph.Model.Dispose();
    }
}
