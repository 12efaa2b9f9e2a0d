using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>An encoder that is ready to run: card, tokenizer and graph with weights. It may be run from one thread at a time.</summary>
public sealed class Encoder : IDisposable
{
    /// <summary>Items of every batch.</summary>
    public const int BatchSize = 16;

    /// <summary>The graph with weights in an encoder's folder; absent where they are drawn from the card's seed.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The weights beside it: those of the graph and those that only fine-tuning needs.</summary>
    public const string WeightsFile = "weights.safetensors";

    private readonly InferenceModel _model;
    private readonly ITokenizer? _tokenizer;
    private readonly OnnxArchitecture _names;
    private readonly int _rows; // of each run of the graph, which may take one number of them only
    private readonly int _items; // that differ in each run: the last one fills the rows that are left

    private Encoder(EncoderCard card, ITokenizer? tokenizer, InferenceModel model, bool oneByOne)
    {
        (Card, _tokenizer, _model, _names, OneByOne) = (card, tokenizer, model, OnnxArchitecture.Of(card), oneByOne);
        _rows = _names.Inputs.Select(name => model.Input(name).Sizes is [> 0 and var rows, ..] ? rows : 0).Max() is > 0 and var taken ? taken : oneByOne ? 1 : BatchSize;
        _items = oneByOne ? 1 : Math.Min(_rows, BatchSize);
    }

    /// <summary>What the encoder is.</summary>
    public EncoderCard Card { get; }

    /// <summary>Whether items are encoded one by one, because the graph works out a scale over all that is in it.</summary>
    public bool OneByOne { get; }

    /// <summary>Opens the encoder in <paramref name="folder"/>: its imported weights, else weights drawn from the card's seed.</summary>
    /// <exception cref="InvalidInputException">Card, vocabulary or weights are missing, or the graph takes other names, types or shapes than the card says.</exception>
    /// <exception cref="ConfigurationException">The card has faults.</exception>
    public static Encoder Open(string folder, RuntimeOptions options)
    {
        var card = EncoderCard.Read(folder);
        var tokenizer = card.Text?.Open(folder);
        var file = Path.Combine(folder, ModelFile);
        if (!File.Exists(file))
            return card.Weights.Seed is { } seed
                ? new Encoder(card, tokenizer, InferenceModel.Open(EncoderGraph.ForInference(card, EncoderGraph.BuildSeeded(card, seed)), options), card.Precision == Precision.EightBit)
                : throw new InvalidInputException(card.Onnx is null
                    ? $"{folder}: there is no {ModelFile} and the card has no seed; run 'lmmrec models import {folder} --weights FILE|URL' first"
                    : $"{folder}: there is no {ModelFile}; put the file that the card describes there");
        try
        {
            var written = OnnxFile.Read(file);
            foreach (var (name, bytes) in written.ExternalFiles) Check(Path.Combine(folder, name), bytes, card);
            var model = InferenceModel.Open(file, options);
            if (WrongNames(model, card) is { } wrong)
            {
                model.Dispose();
                throw new InvalidInputException($"{file}: {wrong}");
            }
            var encoder = new Encoder(card, tokenizer, model, written.ScalesOverBatch);
            if (model.Misfit(encoder.Inputs(encoder.NewBatch(), 0)) is not { } misfit) return encoder;
            encoder.Dispose();
            throw new InvalidInputException($"{file} does not take what its card says: {misfit}; change the card (image.crop, text.length), or export the file with inputs of free sizes (dynamic axes) and of int64, int32, float32 or float16");
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>The files in <paramref name="folder"/> that determine the vectors: those that the graph takes its weights from are among them.</summary>
    /// <exception cref="InvalidInputException">The graph cannot be read.</exception>
    public static IReadOnlyList<string> FilesOf(string folder, EncoderCard card)
    {
        var model = Path.Combine(folder, ModelFile);
        try
        {
            string?[] files = [EncoderCard.FileName, card.Text?.File, ModelFile, .. File.Exists(model) ? OnnxFile.Read(model).ExternalFiles.Keys : []];
            return [.. files.OfType<string>().Distinct().Where(name => File.Exists(Path.Combine(folder, name)))];
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>An empty batch: no picture, empty texts.</summary>
    public EncoderBatch NewBatch() => new(Card, _tokenizer);

    /// <summary>Encodes all items of <paramref name="batch"/>.</summary>
    /// <exception cref="InvalidInputException">The graph is the user's and cannot run, or gives something else than a vector for each item.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public EncoderVectors Run(EncoderBatch batch)
    {
        var (visual, textual) = (new List<float>(), new List<float>());
        for (var first = 0; first < BatchSize; first += _items)
        {
            var outputs = Run(Inputs(batch, first));
            var count = Math.Min(_items, BatchSize - first);
            if (_names.Visual is not null) visual.AddRange(Vectors(outputs, _names.Visual, count));
            if (_names.Textual is not null) textual.AddRange(Vectors(outputs, _names.Textual, count));
        }
        return new EncoderVectors(Card.Image is null ? null : [.. visual], Card.Text is null ? null : [.. textual]);
    }

    public void Dispose() => _model.Dispose();

    private IReadOnlyDictionary<string, TensorData> Run(Batch inputs)
    {
        try
        {
            return _model.Run(inputs, _names.Outputs);
        }
        catch (GraphException e) when (Card.Onnx is not null)
        {
            throw new InvalidInputException($"{ModelFile} fails on a batch of the shapes and vocabulary that its card says: {e.Message}", e);
        }
    }

    // The items from the given one on, as the graph takes them.
    private Batch Inputs(EncoderBatch batch, int first)
    {
        var inputs = new Batch();
        if (Card.Image is { } image) inputs[_names.Pixels!] = Part(_names.Pixels!, batch.Pixels, first, 3, image.Crop, image.Crop);
        if (Card.Text is not { } text) return inputs;
        inputs[_names.Ids!] = Part(_names.Ids!, batch.Ids, first, text.Length);
        if (_names.Mask is not null) inputs[_names.Mask] = Part(_names.Mask, batch.Mask, first, text.Length);
        if (_names.Types is not null) inputs[_names.Types] = Part(_names.Types, new long[batch.Ids.Length], first, text.Length);
        return inputs;
    }

    private TensorData Part<T>(string name, T[] values, int first, params long[] shape) where T : unmanaged
    {
        var part = values;
        if (_rows != BatchSize || _items != BatchSize)
        {
            var size = values.Length / BatchSize;
            part = new T[_rows * size];
            for (var row = 0; row < _rows; row++)
            {
                var item = Math.Min(first + Math.Min(row, _items - 1), BatchSize - 1);
                values.AsSpan(item * size, size).CopyTo(part.AsSpan(row * size));
            }
        }
        return TensorData.Of(part, [_rows, .. shape]).To(_model.Input(name).Type);
    }

    private float[] Vectors(IReadOnlyDictionary<string, TensorData> outputs, string name, int count)
    {
        var output = outputs[name];
        return output.Shape.Length == 2 && output.Shape[0] == _rows
            ? output.ToFloats()[..(int)(count * output.Shape[1])]
            : throw new InvalidInputException($"output '{name}' of {ModelFile} gives [{string.Join(", ", output.Shape)}] for {_rows} items; allowed is one vector per item, [{_rows}, F]: export the file with its pooled output");
    }

    // ONNX Runtime tells of such files in words of its own, and logs them.
    private static void Check(string weights, long bytes, EncoderCard card)
    {
        var remedy = card.Onnx is null ? "import the weights again" : $"copy it again from where {ModelFile} comes from";
        if (!File.Exists(weights)) throw new InvalidInputException($"{weights}: is missing, and {ModelFile} takes its weights from it; {remedy}");
        StandIn.Refuse(weights);
        if (new FileInfo(weights).Length < bytes || (card.Onnx is null && !SafeTensors.IsWhole(weights))) throw new InvalidInputException($"{weights}: is cut short or damaged; {remedy}");
    }

    private static string? WrongNames(InferenceModel model, EncoderCard card)
    {
        var names = OnnxArchitecture.Of(card);
        var remedy = card.Onnx is null ? "an earlier version of lmmrec wrote it: run 'lmmrec models import' again" : "name them in the card's section onnx";
        if (!model.Inputs.Order().SequenceEqual(names.Inputs.Order()))
            return $"has the inputs {string.Join(", ", model.Inputs)}; the card names {string.Join(", ", names.Inputs)}; {remedy}";
        return names.Outputs.Except(model.Outputs).Any()
            ? $"has the outputs {string.Join(", ", model.Outputs)}; the card names {string.Join(", ", names.Outputs)}; {remedy}"
            : null;
    }
}

/// <summary>The features of a batch, not normalised; null where the encoder has no such output.</summary>
/// <param name="Visual">[BatchSize × F_v]</param>
/// <param name="Textual">[BatchSize × F_t]</param>
public sealed record EncoderVectors(float[]? Visual, float[]? Textual)
{
    /// <summary>The visual vector of <paramref name="row"/>.</summary>
    public float[]? VisualOf(int row) => Row(Visual, row);

    /// <summary>The textual vector of <paramref name="row"/>.</summary>
    public float[]? TextualOf(int row) => Row(Textual, row);

    private static float[]? Row(float[]? values, int row)
    {
        if (values is null) return null;
        var width = values.Length / Encoder.BatchSize;
        return values[(row * width)..((row + 1) * width)];
    }
}
