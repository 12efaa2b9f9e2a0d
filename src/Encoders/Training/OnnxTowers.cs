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
    private readonly Dictionary<string, OnnxFile> _files;
    private readonly Dictionary<string, float> _temperatures = new(StringComparer.Ordinal); // that the files hold
    private readonly HashSet<string> _both = new(StringComparer.Ordinal); // names of weights that two files have for different ones

    public OnnxTowers(string folder, EncoderCard card)
    {
        (_folder, _card, _names) = (folder, card, card.Onnx!);
        _ = EncoderFiles.AreThere(folder, card);
        _files = _names.Towers.DistinctBy(t => t.File).ToDictionary(t => t.File, t => EncoderFiles.Read(PathOf(t)), StringComparer.Ordinal);
        foreach (var tower in _names.Towers) Check(tower);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var weight in _names.Towers.DistinctBy(t => t.File).SelectMany(tower => Named(tower, () => Load(tower)).Parameters))
        {
            if (TuningNames.IsTemperature(weight.Name)) _temperatures[TuningNames.Last(weight.Name)] = weight.Value!.ToFloats()[0];
            else if (!names.Add(weight.Name)) _both.Add(weight.Name);
        }
        foreach (var tower in _names.Towers.Where(t => InputOf(t).Shape is [{ IsFixed: true }, ..]))
            FreeRows.Require(() => Build(tower == _names.Visual ? EncoderGraph.Visual : EncoderGraph.Textual), PathOf(tower), card.Text?.Length ?? 0);
    }

    public IReadOnlyList<int> PictureSizes => _names.Visual is { } visual ? [.. InputOf(visual).Shape!.Select(size => size.IsFixed ? (int)size.Value : -1)] : [];

    public bool TakesAnyLength => _names.Textual is { } textual && InputOf(textual).Shape is [_, { IsFixed: false }];

    public bool TakesMask => _names.Textual is { } textual && (textual.Mask is not null || textual.Pooling is Pooling.Mean or Pooling.Last);

    public Graph Tower(string output) => Named(TowerOf(output), () => Build(output));

    public TuningTensors Add(Graph graph, Tensor pixels, TokenTensors text, TuningLoss loss)
    {
        var (visual, textual) = (_names.Visual!, _names.Textual!);
        var (images, texts) = (Named(visual, () => Vectors(graph, visual, pixels, null)), Named(textual, () => Vectors(graph, textual, null, text)));
        var isSigmoid = loss == TuningLoss.Sigmoid;
        var scale = Scalar(graph, TuningNames.LogitScale, ScaleKey, isSigmoid ? ContrastiveLoss.FirstSigmoidScale : ContrastiveLoss.FirstLogitScale);
        return new TuningTensors([new ContrastTensors(images, texts, scale)], isSigmoid ? Scalar(graph, TuningNames.LogitBias, BiasKey, ContrastiveLoss.FirstLogitBias) : null, false);
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

    private OnnxTower TowerOf(string output) => output == EncoderGraph.Visual ? _names.Visual! : _names.Textual!;

    private Graph Build(string output)
    {
        var (graph, tower) = (new Graph(output), TowerOf(output));
        Dim tokens = _card.Text is not { } rule ? 0 : TakesAnyLength ? EncoderGraph.UpTo(rule.Length) : rule.Length;
        graph.Output(output, output == EncoderGraph.Visual
            ? Vectors(graph, tower, graph.Input(EncoderGraph.Pixels, ElementType.Float32, ["batch", .. _card.Image!.ShapeIn(PictureSizes).Select(size => (Dim)size)]), null)
            : Vectors(graph, tower, null, new TokenTensors(Tokens(EncoderGraph.Ids), Tokens(EncoderGraph.Mask))));
        return graph;

        Tensor Tokens(string name) => graph.Input(name, ElementType.Int64, ["batch", tokens]);
    }

    // The vectors that the encoder gives, in a graph that may have the other tower too.
    private Tensor Vectors(Graph graph, OnnxTower tower, Tensor? pixels, TokenTensors? text)
    {
        var part = Load(tower).Part([tower.Output], name => Renamed(tower, name));
        var inputs = part.Inputs.ToDictionary(input => input.Name, input => Fed(input).Cast(input.Type), StringComparer.Ordinal);
        var vectors = new VectorRule(tower, tower.File).Apply(graph.Insert(part, inputs)[tower.Output], text?.Mask);
        var own = part.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in graph.Parameters.Where(p => p.Trainable && own.Contains(p.Name)))
            parameter.Trainable = parameter.Tensor.Shape.Size.Value > 1 && vectors.DependsOn(parameter.Tensor); // else a number of a formula, such as the square root of 2
        return vectors;

        Tensor Fed(Tensor input) => input.Name == tower.Input ? pixels ?? text!.Ids
            : input.Name == tower.Mask ? text!.Mask
            : input.Name == tower.Types ? text!.Ids * 0
            : throw new GraphException($"the vectors depend on the input '{input.Name}', which the card does not name");
    }

    private T Named<T>(OnnxTower tower, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (GraphException e)
        {
            throw new InvalidInputException($"{PathOf(tower)}: cannot be trained: {e.Message}", e);
        }
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
