using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>
/// Encodes product titles with the text tower of a card that comes along, weights drawn: each at the shortest length that holds it, or all at the
/// context length. Titles and vocabularies lie in the folders data and fixtures of the shared data.
/// </summary>
internal sealed class TextEncode : Work
{
    private readonly TextEncoder _encoder;
    private readonly TowerGraph _graph;
    private readonly TokenizedText[] _texts;

    public TextEncode(Arguments arguments, string name, string vocabulary, Padding padding)
    {
        var fixtures = Environment.GetEnvironmentVariable("FIXTURES") ?? throw new InvalidOperationException("the environment variable FIXTURES names no folder of fixtures: the vocabularies are in its text-and-images/, titles in ../data/ beside it");
        var card = EncoderCard.Read(Path.Combine(AppContext.BaseDirectory, "onnx-models", name));
        card = card with { Text = card.Text! with { File = vocabulary, Padding = padding } };
        var graph = new Graph("text");
        EncoderGraph.AddForward(new Layers(graph), card, readsImages: false, EncoderGraph.UpTo(card.Text.Length));
        graph.Initialize(new SeededRandom(1));
        _graph = new TowerGraph("text", InferenceModel.Open(graph, arguments.Runtime), ScalesOverBatch: false, new Dictionary<string, long>(), IsOwn: true);
        _encoder = new TextEncoder(card, card.Text.Open(Path.Combine(fixtures, "text-and-images")), new Tower(_graph, OnnxArchitecture.Of(card).Textual!, null, card, Tower.RowsOnProcessor));
        var titles = File.ReadLines(Path.Combine(fixtures, "..", "data", "fashion_small_985", "styles.csv")).Skip(1).Select(line => line.Split(',', 10)[9]);
        _texts = [.. titles.Take(arguments.Batch == 0 ? int.MaxValue : arguments.Batch).Select(_encoder.Tokenize)];
        What = $"{_texts.Length} titles with {name}, {(padding == Padding.Full ? $"all of {card.Text.Length} tokens" : string.Join(", ", _texts.CountBy(t => t.Length).OrderBy(l => l.Key).Select(l => $"{l.Value} of {l.Key} tokens")))}; operations are texts";
    }

    public override string What { get; }

    public override double Operations => _texts.Length;

    public override void Run() => _encoder.VectorsOf(_texts);

    public override void Dispose() => _graph.Model.Dispose();
}
