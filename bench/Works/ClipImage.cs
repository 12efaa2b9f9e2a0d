using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>CLIP ViT-B/16's image tower from pixels to vectors; the pixels are copied to the device at each run, or lie there.</summary>
internal sealed class ClipImage : Work
{
    private const int Size = 224;

    private readonly TemporaryFolder _folder = new();
    private readonly Batch _pixels;
    private readonly InferenceModel? _model;
    private readonly TensorMemory? _memory;
    private readonly List<BoundTensor> _held = [];
    private readonly BoundGraph? _bound;

    public ClipImage(Arguments arguments, bool half, bool resident)
    {
        var batch = arguments.Batch == 0 ? 16 : arguments.Batch;
        What = $"CLIP ViT-B/16, {batch} pictures of {Size} x {Size} to vectors{(half ? ", 16 bits" : "")}{(resident ? ", resident" : "")}";
        var size = new TransformerSize { Width = 768, Layers = 12, Heads = 12 };
        var card = new EncoderCard
        {
            Clip = new ClipArchitecture { Joint = 512, Patch = 16, Vision = size, Text = size },
            Image = new ImagePreprocessing(),
            Text = new TextTokenization { File = "unused", Vocabulary = 8, Length = 8 },
        };
        var random = new SeededRandom(1);
        var graph = new Graph("clip");
        graph.Output("visual", new Clip(graph, card).Image(graph.Input("pixels", ElementType.Float32, [batch, 3, Size, Size])).Joint);
        graph.Initialize(random);
        if (half) graph = HalfPrecision.Rewrite(graph);
        _pixels = new Batch { ["pixels"] = Values.Normal([batch, 3, Size, Size], random) };
        if (!resident)
        {
            _model = InferenceModel.Open(graph, arguments.Runtime);
            return;
        }
        graph.Save(_folder.PathOf("clip.onnx"));
        _memory = TensorMemory.Of(arguments.Runtime);
        _held = [_memory.Hold(_pixels["pixels"]), _memory.Allocate(ElementType.Float32, [batch, card.Clip!.Joint])];
        _bound = new BoundGraph(_folder.PathOf("clip.onnx"), arguments.Runtime, _memory, name => _held[name == "pixels" ? 0 : 1]);
    }

    public override string What { get; }

    public override void Run()
    {
        if (_model is not null) _model.Run(_pixels);
        else _bound!.Run(0, []);
    }

    public override void Dispose()
    {
        _model?.Dispose();
        _bound?.Dispose();
        foreach (var tensor in _held) tensor.Dispose();
        _memory?.Dispose();
        _folder.Dispose();
    }
}
