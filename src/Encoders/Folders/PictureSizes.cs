using System.Text.Json.Nodes;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Folders;

/// <summary>What becomes of a picture's size: how it is resized and what is cut out of its centre.</summary>
/// <param name="Size">what it is resized to; null: it stays as large as it is</param>
/// <param name="SizeFrom">what says so</param>
/// <param name="Crop">height and width of the centre that is cut out, the encoder's input</param>
/// <param name="CropFrom">what says so</param>
internal sealed record PictureSizes(PictureSize? Size, string SizeFrom, (int Height, int Width) Crop, string CropFrom)
{
    /// <summary>Of the processor class <paramref name="name"/> with its <paramref name="settings"/>.</summary>
    /// <exception cref="Artifacts.InvalidInputException">The settings leave the input's size open, or cannot be honoured.</exception>
    public static PictureSizes Of(string name, PictureDefaults defaults, Settings settings) => name switch
    {
        PictureDefaults.ConvNext => ConvNext(defaults, settings),
        PictureDefaults.Jina => Jina(defaults, settings),
        _ => Common(name, defaults, settings),
    };

    private static PictureSizes Common(string name, PictureDefaults defaults, Settings settings)
    {
        var resizes = settings.Flag("do_resize") ?? true;
        var (size, sizeFrom) = !resizes ? (null, settings.Origin("do_resize")) : SizeIn(settings, defaults.Bare) ?? (defaults.Size, $"{name}'s default");
        var crops = settings.Flag("do_center_crop") ?? defaults.Crop is not null;
        if (!crops)
        {
            if (size is null) throw settings.Wrong("do_resize", "leaves pictures of any size where do_center_crop does not cut them; an encoder takes one size");
            if (size.Resize == ResizeRule.ShorterSide)
                throw settings.Wrong("size", "gives the shorter side only, which leaves pictures of any length where do_center_crop does not cut them; give height and width");
            return new PictureSizes(size, sizeFrom, (size.Height, size.Width), sizeFrom);
        }
        var (crop, cropFrom) = BothIn(settings, "crop_size")
            ?? (defaults.Crop is { } side ? ((side, side), $"{name}'s default") : throw settings.Wrong("crop_size", "is missing beside do_center_crop"));
        if (defaults.Crop is null && (size is null || crop != (size.Height, size.Width)))
            throw settings.Wrong("do_center_crop", $"has no effect in one version of {name} and cuts in another; write false, or name the class whose pictures are cut");
        if (size is not null && (crop.Item1 > size.Height || crop.Item2 > size.Width))
            throw settings.Wrong("crop_size", $"is larger than what the picture is resized to, {size.Height} × {size.Width} ({sizeFrom}): it would get a black rim");
        return new PictureSizes(size, sizeFrom, crop, cropFrom);
    }

    // Small pictures are cut out of somewhat larger ones, large ones are stretched.
    private static PictureSizes ConvNext(PictureDefaults defaults, Settings settings)
    {
        if (settings.Flag("do_resize") == false) throw settings.Wrong("do_resize", "leaves pictures of any size; an encoder takes one size");
        if (settings.Flag("do_center_crop") == true) throw settings.Wrong("do_center_crop", $"is not a setting of {PictureDefaults.ConvNext}: what is cut follows from size and crop_pct");
        var (size, from) = SizeIn(settings, defaults.Bare) ?? (defaults.Size, $"{PictureDefaults.ConvNext}'s default");
        if (size.Resize != ResizeRule.ShorterSide) throw settings.Wrong("size", $"names no shortest_edge, which {PictureDefaults.ConvNext} needs");
        var side = size.Height;
        if (side >= 384) return new PictureSizes(new PictureSize(ResizeRule.Stretch, side, side), from, (side, side), from);
        var part = settings.Number("crop_pct") ?? 224 / 256.0;
        if (part is <= 0 or > 1) throw settings.Wrong("crop_pct", "is not above 0 and at most 1");
        var larger = (int)(side / part);
        return new PictureSizes(new PictureSize(ResizeRule.ShorterSide, larger, larger),
            $"{from} divided by crop_pct, {(settings["crop_pct"] is null ? $"{PictureDefaults.ConvNext}'s default" : settings.Origin("crop_pct"))}", (side, side), from);
    }

    private static PictureSizes Jina(PictureDefaults defaults, Settings settings)
    {
        var (size, from) = BothIn(settings, "size") ?? ((defaults.Size.Height, defaults.Size.Width), $"{PictureDefaults.Jina}'s default");
        var mode = settings.Text("resize_mode") ?? "shortest";
        if (mode is not ("shortest" or "squash")) throw settings.Wrong("resize_mode", "is not supported; supported are shortest and squash");
        if (mode == "shortest" && size.Item1 != size.Item2) throw settings.Wrong("size", "is not square, which resize_mode shortest needs here");
        var rule = mode == "shortest" ? ResizeRule.ShorterSide : ResizeRule.Stretch;
        return new PictureSizes(new PictureSize(rule, size.Item1, size.Item2), $"{from}; {settings.File}, resize_mode", size, from);
    }

    // A number, height and width, or the shorter side.
    private static (PictureSize, string)? SizeIn(Settings settings, BareSize bare)
    {
        if (settings["size"] is JsonObject fields && fields["shortest_edge"] is not null)
        {
            if (bare != BareSize.Shorter) throw settings.Wrong("size", "names the shorter side only, which leaves pictures of any length; height and width are needed");
            Only(settings, "size", fields, "shortest_edge");
            var side = settings.Inner("size").Count("shortest_edge")!.Value;
            return (new PictureSize(ResizeRule.ShorterSide, side, side), settings.Origin("size.shortest_edge"));
        }
        if (settings["size"] is JsonValue && bare == BareSize.Undefined)
            throw settings.Wrong("size", "is a bare number, of which it is not said whether it is one side or both; give height and width");
        if (BothIn(settings, "size") is not var (both, from)) return null;
        return (new PictureSize(settings["size"] is JsonValue && bare == BareSize.Shorter ? ResizeRule.ShorterSide : ResizeRule.Stretch, both.Height, both.Width), from);
    }

    // A number for a square, a list of height and width, or an object of them.
    private static ((int Height, int Width), string)? BothIn(Settings settings, string field)
    {
        switch (settings[field])
        {
            case null: return null;
            case JsonArray { Count: 1 or 2 } list when Settings.CountIn(list[0]) is { } first && Settings.CountIn(list[^1]) is { } last: return ((first, last), settings.Origin(field));
            case JsonObject fields:
                Only(settings, field, fields, "height", "width");
                var inner = settings.Inner(field);
                if (inner.Count("height") is { } height && inner.Count("width") is { } width) return ((height, width), settings.Origin(field));
                throw settings.Wrong(field, "does not give both height and width");
            default: return settings.Count(field) is { } side ? ((side, side), settings.Origin(field)) : null;
        }
    }

    private static void Only(Settings settings, string field, JsonObject fields, params string[] allowed)
    {
        if (fields.FirstOrDefault(f => f.Value is not null && !allowed.Contains(f.Key)).Key is { } other)
            throw settings.Wrong($"{field}", $"holds {other}, which is not supported here; supported are shortest_edge, or height and width");
    }
}
