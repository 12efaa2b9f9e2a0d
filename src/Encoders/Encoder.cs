using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>An encoder that is ready to run: card, tokenizer and graph with weights. It may be run from one thread at a time.</summary>
public sealed class Encoder : IDisposable
{
    /// <summary>Rows of every run.</summary>
    public const int BatchSize = 16;

    /// <summary>The graph with weights in an encoder's folder; absent where they are drawn from the card's seed.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The weights beside it: those of the graph and those that only fine-tuning needs.</summary>
    public const string WeightsFile = "weights.safetensors";

    private readonly InferenceModel _model;
    private readonly ITokenizer? _tokenizer;

    private Encoder(EncoderCard card, ITokenizer? tokenizer, InferenceModel model) => (Card, _tokenizer, _model) = (card, tokenizer, model);

    /// <summary>What the encoder is.</summary>
    public EncoderCard Card { get; }

    /// <summary>Opens the encoder in <paramref name="folder"/>: its imported weights, else weights drawn from the card's seed.</summary>
    /// <exception cref="InvalidInputException">Card, vocabulary or weights are missing.</exception>
    /// <exception cref="ConfigurationException">The card has faults.</exception>
    public static Encoder Open(string folder, RuntimeOptions options)
    {
        var card = EncoderCard.Read(folder);
        return new Encoder(card, card.Text?.Open(folder), OpenModel(folder, card, options));
    }

    /// <summary>The files in <paramref name="folder"/> that determine the vectors: those that the graph takes its weights from are among them.</summary>
    /// <exception cref="InvalidInputException">The graph cannot be read.</exception>
    public static IReadOnlyList<string> FilesOf(string folder, EncoderCard card)
    {
        var model = Path.Combine(folder, ModelFile);
        try
        {
            string?[] files = [EncoderCard.FileName, card.Text?.File, ModelFile, .. File.Exists(model) ? ExternalFiles.Of(model) : []];
            return [.. files.OfType<string>().Distinct().Where(name => File.Exists(Path.Combine(folder, name)))];
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>An empty batch: no picture, empty texts.</summary>
    public EncoderBatch NewBatch() => new(Card, _tokenizer);

    /// <summary>Encodes all rows of <paramref name="batch"/>.</summary>
    /// <exception cref="InvalidInputException">The graph takes other shapes than the card says, or it is the user's and cannot run or gives other shapes.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public EncoderVectors Run(EncoderBatch batch)
    {
        var rows = Card.Precision == Precision.EightBit ? 1 : BatchSize; // a scale per run must be a scale per item
        var (visual, textual) = (new List<float>(), new List<float>());
        for (var row = 0; row < BatchSize; row += rows)
        {
            var names = NamesOf(Card);
            var outputs = Run(Inputs(batch, row, rows, names));
            if (Card.Image is not null) visual.AddRange(Vectors(outputs, names.Visual!, rows));
            if (Card.Text is not null) textual.AddRange(Vectors(outputs, names.Textual!, rows));
        }
        return new EncoderVectors(Card.Image is null ? null : [.. visual], Card.Text is null ? null : [.. textual]);
    }

    public void Dispose() => _model.Dispose();

    private static OnnxArchitecture NamesOf(EncoderCard card) => card.Onnx ?? OnnxArchitecture.Own;

    private static string[] OutputsOf(EncoderCard card) =>
        [.. new[] { card.Image is null ? null : NamesOf(card).Visual, card.Text is null ? null : NamesOf(card).Textual }.OfType<string>()];

    private IReadOnlyDictionary<string, TensorData> Run(Batch inputs)
    {
        if (_model.Misfit(inputs) is { } misfit) throw new InvalidInputException($"{ModelFile} does not take what its card says (image.crop, text.length): {misfit}");
        try
        {
            return _model.Run(inputs, OutputsOf(Card));
        }
        catch (GraphException e) when (Card.Onnx is not null)
        {
            throw new InvalidInputException($"{ModelFile} fails on a batch of the shapes and vocabulary that its card says: {e.Message}", e);
        }
    }

    private Batch Inputs(EncoderBatch batch, int row, int rows, OnnxArchitecture names)
    {
        var inputs = new Batch();
        if (Card.Image is { } image) inputs[names.Pixels!] = Part(batch.Pixels, row, rows, 3, image.Crop, image.Crop);
        if (Card.Text is not { } text) return inputs;
        inputs[names.Ids!] = Part(batch.Ids, row, rows, text.Length);
        if (names.Mask is not null) inputs[names.Mask] = Part(batch.Mask, row, rows, text.Length);
        if (names.Types is not null) inputs[names.Types] = TensorData.Of(new long[rows * text.Length], rows, text.Length);
        return inputs;
    }

    private static TensorData Part<T>(T[] values, int row, int rows, params long[] shape) where T : unmanaged
    {
        var size = values.Length / BatchSize;
        return TensorData.Of(rows == BatchSize ? values : values[(row * size)..((row + rows) * size)], [rows, .. shape]);
    }

    private static float[] Vectors(IReadOnlyDictionary<string, TensorData> outputs, string name, int rows)
    {
        var output = outputs[name];
        return output.Shape.Length == 2 && output.Shape[0] == rows
            ? output.ToFloats()
            : throw new InvalidInputException($"output '{name}' of {ModelFile} gives [{string.Join(", ", output.Shape)}] for {rows} items; allowed is one vector per item, [{rows}, F]");
    }

    private static InferenceModel OpenModel(string folder, EncoderCard card, RuntimeOptions options)
    {
        var file = Path.Combine(folder, ModelFile);
        if (!File.Exists(file))
            return card.Weights.Seed is { } seed
                ? InferenceModel.Open(EncoderGraph.ForInference(card, EncoderGraph.BuildSeeded(card, seed)), options)
                : throw new InvalidInputException(card.Onnx is null
                    ? $"{folder}: there is no {ModelFile} and the card has no seed; run 'lmmrec models import {folder} --weights FILE|URL' first"
                    : $"{folder}: there is no {ModelFile}; put the file that the card describes there");
        try
        {
            var model = InferenceModel.Open(file, options);
            if (Mismatch(model, card) is not { } mismatch) return model;
            model.Dispose();
            throw new InvalidInputException($"{file}: {mismatch}");
        }
        catch (GraphException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    private static string? Mismatch(InferenceModel model, EncoderCard card)
    {
        var names = NamesOf(card);
        string[] inputs = [.. new[] { card.Image is null ? null : names.Pixels, card.Text is null ? null : names.Ids, names.Mask, names.Types }.OfType<string>()];
        var outputs = OutputsOf(card);
        if (!model.Inputs.Order().SequenceEqual(inputs.Order()))
            return $"has the inputs {string.Join(", ", model.Inputs)}; the card names {string.Join(", ", inputs)}; name them in the card's section onnx";
        return outputs.Except(model.Outputs).Any()
            ? $"has the outputs {string.Join(", ", model.Outputs)}; the card names {string.Join(", ", outputs)}; name them in the card's section onnx"
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
