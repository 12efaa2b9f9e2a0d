using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Training;

/// <summary>
/// The towers of ONNX files, whoever made them: the files' graphs, followed by what the card says of their vectors (docs/encoders.md#training-an-encoder).
/// </summary>
internal sealed class OnnxTowers : ITrainableTowers
{
    private const string ScaleKey = "logitScale", BiasKey = "logitBias"; // in the card's section tuned

    private readonly string _folder;
    private readonly EncoderCard _card;
    private readonly OnnxArchitecture _names;
    private readonly IReadOnlyDictionary<string, OnnxFile> _files;
    private readonly Dictionary<string, float> _temperatures = new(StringComparer.Ordinal); // that the files hold
    private readonly HashSet<string> _both = new(StringComparer.Ordinal); // names of weights that two files have for different ones

    public OnnxTowers(string folder, EncoderCard card)
    {
        (_folder, _card, _names) = (folder, card, card.Onnx!);
        _ = EncoderFiles.AreThere(folder, card);
        _files = _names.Towers.DistinctBy(t => t.File).ToDictionary(t => t.File, t => EncoderFiles.Read(PathOf(t)), StringComparer.Ordinal);
        foreach (var tower in _names.Towers) Check(tower);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var weight in _files.Keys.SelectMany(file => Load(_names.Towers.First(t => t.File == file)).Parameters))
        {
            if (TuningNames.IsTemperature(weight.Name)) _temperatures[TuningNames.Last(weight.Name)] = weight.Value!.ToFloats()[0];
            else if (!names.Add(weight.Name)) _both.Add(weight.Name);
        }
    }

    public IReadOnlyList<int> PictureSizes => _names.Visual is { } visual ? [.. InputOf(visual).Shape!.Select(size => size.IsFixed ? (int)size.Value : -1)] : [];

    public bool TakesAnyLength => _names.Textual is { } textual && InputOf(textual).Shape is [_, { IsFixed: false }];

    public bool TakesMask => _names.Textual is { } textual && (textual.Mask is not null || textual.Pooling is Pooling.Mean or Pooling.Last);

    public Graph Tower(string output)
    {
        var (graph, isVisual) = (new Graph(output), output == EncoderGraph.Visual);
        var tower = isVisual ? _names.Visual! : _names.Textual!;
        Dim tokens = isVisual ? 0 : TakesAnyLength ? EncoderGraph.UpTo(_card.Text!.Length) : _card.Text!.Length;
        Tensor Tokens(string name) => graph.Input(name, ElementType.Int64, ["batch", tokens]);
        graph.Output(output, isVisual
            ? Vectors(graph, tower, graph.Input(EncoderGraph.Pixels, ElementType.Float32, ["batch", .. _card.Image!.ShapeIn(PictureSizes).Select(size => (Dim)size)]), null)
            : Vectors(graph, tower, null, new TokenTensors(Tokens(EncoderGraph.Ids), Tokens(EncoderGraph.Mask))));
        return graph;
    }

    public TuningTensors Add(Graph graph, Tensor pixels, TokenTensors text, TuningLoss loss)
    {
        var (images, texts) = (Vectors(graph, _names.Visual!, pixels, null), Vectors(graph, _names.Textual!, null, text));
        var isSigmoid = loss == TuningLoss.Sigmoid;
        var scale = Scalar(graph, TuningNames.LogitScale, ScaleKey, isSigmoid ? ContrastiveLoss.FirstSigmoidScale : ContrastiveLoss.FirstLogitScale);
        return new TuningTensors([new ContrastTensors(images, texts, scale)], isSigmoid ? Scalar(graph, TuningNames.LogitBias, BiasKey, ContrastiveLoss.FirstLogitBias) : null, null);
    }

    public IReadOnlyDictionary<string, float> Write(string target, Func<string, TensorData?> values, bool half)
    {
        foreach (var tower in _names.Towers.DistinctBy(t => t.File))
            ChangedWeights.Write(PathOf(tower), CardFiles.PathIn(target, tower.File), (name, own) =>
            {
                var value = values(TuningNames.IsTemperature(name) ? TuningNames.Last(name) : Renamed(tower, name))?.Reshaped(own.Shape) ?? own;
                return half && value.Type == ElementType.Float32 && value.Values.Length > 1 ? HalfWeights.Of(name, value) : value;
            });
        var kept = new Dictionary<string, float>(StringComparer.Ordinal);
        foreach (var (name, key) in new[] { (TuningNames.LogitScale, ScaleKey), (TuningNames.LogitBias, BiasKey) })
            if (!_temperatures.ContainsKey(name) && (values(name)?.ToFloats()[0] ?? Kept(key)) is { } value) kept[key] = value;
        return kept;
    }

    // The vectors that the encoder gives, in a graph that has the inputs of the encoder's other parts too.
    private Tensor Vectors(Graph graph, OnnxTower tower, Tensor? pixels, TokenTensors? text)
    {
        try
        {
            var part = Load(tower).Part([tower.Output], name => Renamed(tower, name));
            var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var input in part.Inputs) inputs[input.Name] = Fed(input).Cast(input.Type);
            var output = graph.Insert(part, inputs)[tower.Output];
            foreach (var parameter in graph.Parameters.Where(p => p.Trainable))
                parameter.Trainable = parameter.Tensor.Shape.Size.Value > 1; // numbers of a formula, such as the square root of 2
            var vectors = new VectorRule(tower, tower.File).Apply(output, text?.Mask);
            foreach (var parameter in graph.Parameters.Where(p => p.Trainable && part.Parameters.Any(own => own.Name == p.Name) && !vectors.DependsOn(p.Tensor))) parameter.Trainable = false;
            return vectors;
        }
        catch (GraphException e)
        {
            throw new InvalidInputException($"{PathOf(tower)}: cannot be trained: {e.Message}", e);
        }

        Tensor Fed(Tensor input) => input.Name == tower.Input ? pixels ?? text!.Ids
            : input.Name == tower.Mask ? text!.Mask
            : input.Name == tower.Types ? text!.Ids * 0
            : throw new InvalidInputException($"{PathOf(tower)}: the vectors depend on the input '{input.Name}', which the card does not name");
    }

    private Graph Load(OnnxTower tower) => EncoderFiles.Load(_folder, tower, _card).Widened();

    private string Renamed(OnnxTower tower, string name) => _both.Contains(name) ? $"{(tower == _names.Visual ? EncoderGraph.Visual : EncoderGraph.Textual)}:{name}" : name;

    // The files' own where they have one, else that of an earlier tuning.
    private Tensor Scalar(Graph graph, string name, string key, float first) =>
        graph.Parameter(name, TensorData.Scalar(_temperatures.TryGetValue(name, out var own) ? own : Kept(key) ?? first));

    private float? Kept(string key) => _card.Tuned?[key] is JsonValue value ? value.GetValue<float>() : null;

    private OnnxValue InputOf(OnnxTower tower) => _files[tower.File].Inputs.FirstOrDefault(i => i.Name == tower.Input)
        ?? throw new InvalidInputException($"{PathOf(tower)}: has no input '{tower.Input}', which the card names");

    private string PathOf(OnnxTower tower) => Path.Combine(_folder, tower.File);

    private void Check(OnnxTower tower)
    {
        var file = _files[tower.File];
        if (file.Rounded is [var op, ..]) throw new InvalidInputException($"{PathOf(tower)}: computes with rounded numbers ({op}), through which no gradient goes; {FullVariantOf(tower.File)}");
        if (InputOf(tower).Shape is [{ IsFixed: true } rows, ..])
            throw new InvalidInputException($"{PathOf(tower)}: takes {rows} rows at a time, and a batch that is trained has as many as its loss needs; export the file with a free first axis (dynamic axes)");
    }

    // Variants have their name behind the last _ of the file's.
    private static string FullVariantOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return name.LastIndexOf('_') is > 0 and var end && !name.EndsWith("_model", StringComparison.Ordinal)
            ? $"import the folder again without --variant, which takes {name[..end]}.onnx"
            : "take the file that it was rounded from, with 32-bit or 16-bit floats";
    }
}
