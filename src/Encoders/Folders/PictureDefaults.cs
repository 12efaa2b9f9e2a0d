using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Folders;

/// <summary>What a class of image processors does where its settings are silent (docs/encoders.md#folders).</summary>
/// <param name="Size">what pictures are resized to</param>
/// <param name="Bare">what a bare number in <c>size</c> means</param>
/// <param name="Filter">the interpolation kernel</param>
/// <param name="Crop">side of the centre that is cut out; null: the class cuts nothing out</param>
/// <param name="Mean">mean per channel</param>
/// <param name="Std">deviation per channel</param>
internal sealed record PictureDefaults(PictureSize Size, BareSize Bare, Filter Filter, int? Crop, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>The class whose crop follows from its size.</summary>
    public const string ConvNext = "ConvNextImageProcessor";

    /// <summary>jina's own class, whose settings have names of their own.</summary>
    public const string Jina = "JinaCLIPImageProcessor";

    private static readonly double[] Half = [0.5, 0.5, 0.5];
    private static readonly double[] ClipMean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] ClipStd = [0.26862954, 0.26130258, 0.27577711];

    private static readonly Dictionary<string, PictureDefaults> Table = new(StringComparer.Ordinal)
    {
        ["CLIPImageProcessor"] = new(Shorter(224), BareSize.Shorter, Filter.Bicubic, 224, ClipMean, ClipStd),
        ["ChineseCLIPImageProcessor"] = new(Shorter(224), BareSize.Shorter, Filter.Bicubic, 224, ClipMean, ClipStd),
        ["BitImageProcessor"] = new(Shorter(224), BareSize.Shorter, Filter.Bicubic, 224, ClipMean, ClipStd),
        ["SiglipImageProcessor"] = new(Square(224), BareSize.Undefined, Filter.Bicubic, null, Half, Half),
        ["ViTImageProcessor"] = new(Square(224), BareSize.Square, Filter.Bilinear, null, Half, Half),
        ["DeiTImageProcessor"] = new(Square(256), BareSize.Square, Filter.Bicubic, 224, Half, Half),
        ["BeitImageProcessor"] = new(Square(256), BareSize.Square, Filter.Bicubic, 224, Half, Half),
        ["BlipImageProcessor"] = new(Square(384), BareSize.Square, Filter.Bicubic, null, ClipMean, ClipStd),
        ["MobileNetV1ImageProcessor"] = new(Shorter(256), BareSize.Shorter, Filter.Bilinear, 224, Half, Half),
        ["MobileNetV2ImageProcessor"] = new(Shorter(256), BareSize.Shorter, Filter.Bilinear, 224, Half, Half),
        [ConvNext] = new(Shorter(384), BareSize.Shorter, Filter.Bilinear, null, Half, Half),
        [Jina] = new(Shorter(224), BareSize.Shorter, Filter.Bicubic, 224, ClipMean, ClipStd),
    };

    // The class of a model whose settings name none.
    private static readonly Dictionary<string, string> OfModels = new(StringComparer.Ordinal)
    {
        ["clip"] = "CLIPImageProcessor",
        ["clip_vision_model"] = "CLIPImageProcessor",
        ["chinese_clip"] = "ChineseCLIPImageProcessor",
        ["dinov2"] = "BitImageProcessor",
        ["dinov2_with_registers"] = "BitImageProcessor",
        ["siglip"] = "SiglipImageProcessor",
        ["siglip_vision_model"] = "SiglipImageProcessor",
        ["blip"] = "BlipImageProcessor",
        ["vit"] = "ViTImageProcessor",
        ["vit_msn"] = "ViTImageProcessor",
        ["swin"] = "ViTImageProcessor",
        ["swinv2"] = "ViTImageProcessor",
        ["deit"] = "DeiTImageProcessor",
        ["beit"] = "BeitImageProcessor",
        ["mobilenet_v1"] = "MobileNetV1ImageProcessor",
        ["mobilenet_v2"] = "MobileNetV2ImageProcessor",
        ["convnext"] = ConvNext,
        ["convnextv2"] = ConvNext,
        ["resnet"] = ConvNext,
        ["regnet"] = ConvNext,
    };

    /// <summary>The names of the classes that are known, for messages.</summary>
    public static string Known => $"{string.Join(", ", Table.Keys)}, and the same with Fast behind it or FeatureExtractor in the place of ImageProcessor";

    /// <summary>The class's name as the table has it: one that ends in Fast does the same, and older settings call it a feature extractor.</summary>
    public static string NameOf(string type)
    {
        var name = type.EndsWith("Fast", StringComparison.Ordinal) ? type[..^"Fast".Length] : type;
        return name.EndsWith("FeatureExtractor", StringComparison.Ordinal) ? $"{name[..^"FeatureExtractor".Length]}ImageProcessor" : name;
    }

    /// <summary>The class that belongs to a model_type; null: it is not known here.</summary>
    public static string? NameOfModel(string? type) => type is null ? null : OfModels.GetValueOrDefault(type);

    /// <summary>What the class <paramref name="name"/> does; null: it is not known here.</summary>
    public static PictureDefaults? Of(string name) => Table.GetValueOrDefault(name);

    private static PictureSize Shorter(int side) => new(ResizeRule.ShorterSide, side, side);

    private static PictureSize Square(int side) => new(ResizeRule.Stretch, side, side);
}

/// <summary>A size that pictures are resized to: that of the shorter side in both places, or height and width.</summary>
internal sealed record PictureSize(ResizeRule Resize, int Height, int Width);

/// <summary>What a bare number in the field <c>size</c> means.</summary>
internal enum BareSize
{
    /// <summary>The shorter side.</summary>
    Shorter,

    /// <summary>Both sides.</summary>
    Square,

    /// <summary>Nothing: the class fails on it.</summary>
    Undefined,
}
