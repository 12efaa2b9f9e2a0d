using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Cards;

/// <summary>
/// What an encoder is: its architecture (exactly one of the sections), what it wants done to pictures and texts, which output is the feature, and
/// where its weights come from. The file <c>card.json</c> in a folder of its own, beside vocabulary and weights; unknown fields are refused.
/// </summary>
public sealed record EncoderCard : IChecked
{
    /// <summary>The card's file in its folder.</summary>
    public const string FileName = "card.json";

    /// <summary>One line for <c>lmmrec models list</c>.</summary>
    public string Description { get; init; } = "";

    /// <summary>CLIP: two towers and a joint space (docs/encoders.md#clip).</summary>
    public ClipArchitecture? Clip { get; init; }

    /// <summary>VLMo: one transformer with an expert per modality (docs/encoders.md#vlmo).</summary>
    public VlmoArchitecture? Vlmo { get; init; }

    /// <summary>A BERT sentence encoder such as MiniLM (docs/encoders.md#minilm).</summary>
    public BertArchitecture? Bert { get; init; }

    /// <summary>A convolutional network of the VGG family (docs/encoders.md#vgg16).</summary>
    public VggArchitecture? Vgg { get; init; }

    /// <summary>ONNX files that the user brings.</summary>
    public OnnxArchitecture? Onnx { get; init; }

    /// <summary>Preprocessing of pictures; absent where the encoder reads none.</summary>
    public ImagePreprocessing? Image { get; init; }

    /// <summary>Tokenisation of texts; absent where the encoder reads none.</summary>
    public TextTokenization? Text { get; init; }

    /// <summary>Which output is the feature; null: the architecture's default (docs/encoders.md#features).</summary>
    public string? Feature { get; init; }

    /// <summary>How exactly linear layers compute; of files that are there already it only says so. Default: full.</summary>
    public Precision Precision { get; init; }

    /// <summary>Where the weights come from.</summary>
    public WeightSources Weights { get; init; } = new();

    /// <summary>Where an import found the values: from their keys, such as <c>image.crop</c>, to a file and what it says there. Shown by <c>lmmrec models inspect</c>.</summary>
    public JsonObject? Origins { get; init; }

    /// <summary>SHA-256 of the card without this line, as an import of a folder wrote it: a card that was changed since is not written over by another import.</summary>
    public string? Imported { get; init; }

    /// <summary>How the encoder was tuned, and from which one; null: it was not. Shown by <c>lmmrec models inspect</c> (onnx-models/README.md).</summary>
    public JsonObject? Tuned { get; init; }

    /// <summary>The architecture that the card names.</summary>
    internal IArchitecture Architecture => Architectures().Single();

    /// <summary>Reads the card in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidInputException">There is no card in the folder.</exception>
    /// <exception cref="ConfigurationException">With all faults of the card.</exception>
    public static EncoderCard Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new InvalidInputException($"{folder}: there is no {FileName}; an encoder is a folder with a card, such as onnx-models/clip-small");
        StandIn.Refuse(path);
        try
        {
            return ConfigurationBinder.Bind<EncoderCard>(ConfigurationFile.Parse(File.ReadAllText(path), path));
        }
        catch (ConfigurationException e)
        {
            throw new ConfigurationException([.. e.Faults.Select(fault => fault.StartsWith(path, StringComparison.Ordinal) ? fault : $"{path}: {fault}")]);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        var architectures = Architectures().ToList();
        if (architectures.Count != 1)
        {
            yield return ("", $"names {architectures.Count} architectures; allowed exactly one of clip, vlmo, bert, vgg, onnx");
            yield break;
        }
        var architecture = architectures[0];
        if (Image is null == architecture.ReadsImages) yield return ("image", architecture.ReadsImages ? "is required: the architecture reads pictures" : "is not allowed: the architecture reads no pictures");
        if (Text is null == architecture.ReadsTexts) yield return ("text", architecture.ReadsTexts ? "is required: the architecture reads texts" : "is not allowed: the architecture reads no texts");
        if (Feature is not null && !architecture.Features.Contains(Feature))
            yield return ("feature", $"unknown value '{Feature}'{NearestName.Hint(Feature, architecture.Features)}");
        foreach (var (key, origin) in Origins ?? [])
            if (origin?.GetValueKind() != JsonValueKind.String) yield return ($"origins.{key}", "is no text; allowed is where the value comes from, such as \"config.json, vocab_size\"");
        foreach (var fault in architecture.Faults(this)) yield return fault;
    }

    private IEnumerable<IArchitecture> Architectures() => new IArchitecture?[] { Clip, Vlmo, Bert, Vgg, Onnx }.OfType<IArchitecture>();
}

/// <summary>How exactly an encoder's linear layers compute.</summary>
public enum Precision
{
    /// <summary>32-bit floats.</summary>
    Full,

    /// <summary>16-bit floats, attention's products and convolutions too; sums over rows stay in 32 bits (docs/encoders.md#16-bits).</summary>
    Half,

    /// <summary>8-bit integers: weights with a scale per output, activations with a scale per token or picture patch (docs/encoders.md#8-bits).</summary>
    EightBit,
}
