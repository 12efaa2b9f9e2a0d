using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Folders;

/// <summary>The section <c>image</c> of a card, as the settings of an image processor have it (docs/encoders.md#folders).</summary>
internal static class PictureRules
{
    // By Pillow's numbers.
    private static readonly Filter[] Filters = [Filter.Nearest, Filter.Lanczos, Filter.Bilinear, Filter.Bicubic, Filter.Box, Filter.Hamming];

    // The steps that are done here; that pictures are RGB holds anyway, and pictures have no labels.
    private static readonly string[] Steps = ["do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb", "do_flip_channel_order", "do_reduce_labels"];

    // What some class makes something of that is not done here.
    private static readonly string[] NotDone =
        ["size_divisor", "ensure_multiple_of", "keep_aspect_ratio", "rescale_offset", "include_top", "max_num_patches", "min_pixels", "max_pixels", "crop_pct"];

    /// <summary>Writes the section.</summary>
    /// <param name="draft">the card</param>
    /// <param name="settings">the processor's settings</param>
    /// <param name="config">config.json, which says the processor where these do not</param>
    /// <returns>What becomes of a picture's size.</returns>
    /// <exception cref="InvalidInputException">A setting cannot be honoured; the message names file and field.</exception>
    public static PictureSizes Write(CardDraft draft, Settings settings, Settings config)
    {
        var field = settings["image_processor_type"] is null ? "feature_extractor_type" : "image_processor_type";
        var type = settings.Text(field) ?? PictureDefaults.NameOfModel(config.Text("model_type"))
            ?? throw new InvalidInputException(
                $"{settings.File}: image_processor_type is missing, and none belongs to {config.File}'s model_type '{config.Text("model_type")}'; known are {PictureDefaults.Known}");
        var name = PictureDefaults.NameOf(type);
        var defaults = PictureDefaults.Of(name) ?? throw settings.Wrong(field, $"is not known; known are {PictureDefaults.Known}");
        RefuseWhatIsNotDone(settings, name);

        var sizes = PictureSizes.Of(name, defaults, settings);
        draft.Set("image.resize", ConfigurationBinder.NameOf(sizes.Size?.Resize ?? ResizeRule.None), sizes.SizeFrom);
        if (sizes.Size is { } size)
        {
            draft.Set("image.resizeTo", size.Resize == ResizeRule.ShorterSide ? size.Height : Sides(size.Height, size.Width), sizes.SizeFrom);
            var (filter, filterFrom) = FilterOf(settings, name, defaults);
            draft.Set("image.filter", ConfigurationBinder.NameOf(filter), filterFrom);
        }
        draft.Set("image.crop", Sides(sizes.Crop.Height, sizes.Crop.Width), sizes.CropFrom);
        draft.Set("image.cropRounding", ConfigurationBinder.NameOf(name == PictureDefaults.Jina ? CropRounding.Even : CropRounding.Floor), name);
        WriteValues(draft, settings, name, defaults);
        return sizes;
    }

    private static void WriteValues(CardDraft draft, Settings settings, string name, PictureDefaults defaults)
    {
        var ofJina = name == PictureDefaults.Jina;
        if (settings.Flag("do_rescale") == false) draft.Set("image.rescale", 1, settings.Origin("do_rescale"));
        else if (settings.Number("rescale_factor") is { } factor) draft.Set("image.rescale", factor, settings.Origin("rescale_factor"));
        if (settings.Flag("do_normalize") == false)
        {
            draft.Set("image.mean", new JsonArray(0, 0, 0), settings.Origin("do_normalize"));
            draft.Set("image.std", new JsonArray(1, 1, 1), settings.Origin("do_normalize"));
        }
        else
        {
            Channels("image.mean", ofJina ? "mean" : "image_mean", defaults.Mean);
            Channels("image.std", ofJina ? "std" : "image_std", defaults.Std);
        }
        if (settings.Flag("do_flip_channel_order") == true) draft.Set("image.channels", ConfigurationBinder.NameOf(ChannelOrder.Bgr), settings.Origin("do_flip_channel_order"));

        void Channels(string key, string field, IReadOnlyList<double> otherwise) => draft.Set(key,
            new JsonArray([.. (settings.Numbers(field, 3) ?? otherwise).Select(v => (JsonNode)v)]), settings[field] is null ? $"{name}'s default" : settings.Origin(field));
    }

    private static (Filter, string) FilterOf(Settings settings, string name, PictureDefaults defaults)
    {
        var field = name == PictureDefaults.Jina ? "interpolation" : "resample";
        if (settings[field] is not { } code) return (defaults.Filter, $"{name}'s default");
        Filter? filter = name == PictureDefaults.Jina
            ? settings.Text(field) switch { "bicubic" => Filter.Bicubic, "bilinear" => Filter.Bilinear, _ => null }
            : settings.Number(field) is { } number && number >= 0 && number < Filters.Length && number == Math.Floor(number) ? Filters[(int)number] : null;
        var allowed = name == PictureDefaults.Jina ? "bicubic and bilinear" : "0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) and 5 (hamming)";
        return (filter ?? throw settings.Wrong(field, $"is no filter that is known; allowed are {allowed}"), settings.Origin(field));
    }

    // What no class makes anything of is of no matter: transformers passes over it, too.
    private static void RefuseWhatIsNotDone(Settings settings, string name)
    {
        foreach (var (field, value) in settings.Fields!)
        {
            var isStep = field.StartsWith("do_", StringComparison.Ordinal);
            if (isStep ? Steps.Contains(field) : !NotDone.Contains(field) || (field == "crop_pct" && name == PictureDefaults.ConvNext)) continue;
            if (value is null || value.GetValueKind() == JsonValueKind.False || (!isStep && Settings.CountIn(value) == 1)) continue;
            throw settings.Wrong(field, "is not supported: it would change the pictures");
        }
    }

    private static JsonNode Sides(int height, int width) => height == width ? height : new JsonArray(height, width);
}
