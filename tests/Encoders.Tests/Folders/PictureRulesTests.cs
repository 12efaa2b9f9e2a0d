using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Folders;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>What the settings of image processors mean on a card.</summary>
public sealed class PictureRulesTests
{
    [Theory]
    [InlineData("""{ "feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224 }""", "shorter-side 224, 224 floor, bicubic")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessorFast" }""", "shorter-side 224, 224 floor, bicubic")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "shortest_edge": 250, "longest_edge": null }, "crop_size": { "height": 200, "width": 150 } }""", "shorter-side 250, [200,150] floor, bicubic")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "height": 100, "width": 60 }, "do_center_crop": false, "resample": 2 }""", "stretch [100,60], [100,60] floor, bilinear")]
    [InlineData("""{ "image_processor_type": "BitImageProcessor", "size": 256, "resample": 1 }""", "shorter-side 256, 224 floor, lanczos")]
    [InlineData("""{ "image_processor_type": "BitImageProcessor", "do_resize": false, "crop_size": 96 }""", "none , 96 floor, ")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "size": 384 }""", "stretch 384, 384 floor, bilinear")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "size": [120, 90], "resample": 0, "do_center_crop": null }""", "stretch [120,90], [120,90] floor, nearest")]
    [InlineData("""{ "image_processor_type": "DeiTImageProcessor", "size": 256 }""", "stretch 256, 224 floor, bicubic")]
    [InlineData("""{ "image_processor_type": "SiglipImageProcessor", "size": { "height": 96, "width": 64 }, "resample": 4 }""", "stretch [96,64], [96,64] floor, box")]
    [InlineData("""{ "image_processor_type": "ConvNextImageProcessor", "size": { "shortest_edge": 224 } }""", "shorter-side 256, 224 floor, bilinear")]
    [InlineData("""{ "feature_extractor_type": "ConvNextFeatureExtractor", "size": 224, "crop_pct": 0.95, "resample": 3 }""", "shorter-side 235, 224 floor, bicubic")]
    [InlineData("""{ "image_processor_type": "ConvNextImageProcessor" }""", "stretch 384, 384 floor, bilinear")]
    [InlineData("""{ "image_processor_type": "JinaCLIPImageProcessor", "size": 128, "interpolation": "bilinear", "resize_mode": "squash" }""", "stretch 128, 128 even, bilinear")]
    [InlineData("""{ "image_processor_type": "JinaCLIPImageProcessor" }""", "shorter-side 224, 224 even, bicubic")]
    public void Sizes_follow_from_the_processors_class_and_settings(string settings, string expected)
    {
        var image = Image(settings);
        Assert.Equal(expected, $"{image["resize"]} {image["resizeTo"]?.ToJsonString()}, {image["crop"]!.ToJsonString()} {image["cropRounding"]}, {image["filter"]}");
    }

    [Theory]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor" }""", "[0.48145466,0.4578275,0.40821073] [0.26862954,0.26130258,0.27577711] ")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "image_mean": null }""", "[0.5,0.5,0.5] [0.5,0.5,0.5] ")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "image_mean": 0.25, "image_std": [0.1, 0.2, 0.3], "rescale_factor": 0.0078125 }""", "[0.25,0.25,0.25] [0.1,0.2,0.3] 0.0078125")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "image_mean": [1, 2, 3], "do_normalize": false, "do_rescale": false }""", "[0,0,0] [1,1,1] 1")]
    [InlineData("""{ "image_processor_type": "JinaCLIPImageProcessor", "mean": [0.1, 0.2, 0.3], "image_mean": [9, 9, 9] }""", "[0.1,0.2,0.3] [0.26862954,0.26130258,0.27577711] ")]
    public void Values_follow_from_the_processors_class_and_settings(string settings, string expected)
    {
        var image = Image(settings);
        Assert.Equal(expected, $"{image["mean"]!.ToJsonString()} {image["std"]!.ToJsonString()} {image["rescale"]?.ToJsonString()}");
    }

    [Fact]
    public void What_the_class_makes_nothing_of_changes_nothing()
    {
        const string plain = """{ "image_processor_type": "ViTImageProcessor" }""";
        const string more = """
            { "image_processor_type": "ViTImageProcessorFast", "processor_class": "X", "auto_map": { "a": "b" }, "do_pad": false, "pad_size": null, "do_convert_rgb": true,
              "_valid_processor_keys": ["images"], "size_divisor": 1, "do_reduce_labels": true, "num_channels": 3, "return_tensors": null }
            """;
        Assert.Equal(Image(plain).ToJsonString(), Image(more).ToJsonString());
    }

    [Theory]
    [InlineData("""{ "size": 224 }""", "image_processor_type")]
    [InlineData("""{ "image_processor_type": "LayoutLMv3ImageProcessor" }""", "image_processor_type", "LayoutLMv3ImageProcessor")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "longest_edge": 224 } }""", "size", "longest_edge")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "shortest_edge": 224, "longest_edge": 512 } }""", "size", "longest_edge")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "max_height": 224, "max_width": 224 } }""", "size", "max_height")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": { "height": 224 } }""", "size", "both height and width")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "size": "large" }""", "size", "large")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "crop_size": 300 }""", "crop_size", "300", "224")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "crop_size": { "shortest_edge": 224 } }""", "crop_size", "shortest_edge")]
    [InlineData("""{ "image_processor_type": "CLIPImageProcessor", "do_center_crop": false }""", "size", "shorter side only")]
    [InlineData("""{ "image_processor_type": "SiglipImageProcessor", "size": 224 }""", "size", "224")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "size": { "shortest_edge": 224 } }""", "size", "shortest_edge")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "do_resize": false }""", "do_resize")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "do_center_crop": true, "crop_size": 200 }""", "do_center_crop")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "resample": 6 }""", "resample", "6")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "resample": 2.5 }""", "resample", "2.5")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "image_mean": [0.5, 0.5] }""", "image_mean", "3 numbers")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "do_rescale": "yes" }""", "do_rescale", "yes")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "do_pad": true }""", "do_pad")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "do_thumbnail": true }""", "do_thumbnail")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "ensure_multiple_of": 32 }""", "ensure_multiple_of", "32")]
    [InlineData("""{ "image_processor_type": "ViTImageProcessor", "crop_pct": 0.9 }""", "crop_pct", "0.9")]
    [InlineData("""{ "image_processor_type": "ConvNextImageProcessor", "size": { "height": 224, "width": 224 } }""", "size", "shortest_edge")]
    [InlineData("""{ "image_processor_type": "ConvNextImageProcessor", "size": 224, "crop_pct": 0 }""", "crop_pct", "0")]
    [InlineData("""{ "image_processor_type": "JinaCLIPImageProcessor", "resize_mode": "longest" }""", "resize_mode", "longest")]
    [InlineData("""{ "image_processor_type": "JinaCLIPImageProcessor", "interpolation": "random" }""", "interpolation", "random")]
    public void What_cannot_be_honoured_is_refused_by_the_fields_name(string settings, params string[] words)
    {
        var message = Assert.Throws<InvalidInputException>(() => Image(settings)).Message;
        Assert.StartsWith("preprocessor_config.json", message, StringComparison.Ordinal);
        foreach (var word in words) Assert.Contains(word, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dinov2", "shorter-side 224, 224")]
    [InlineData("resnet", "stretch 384, 384")]
    [InlineData("swin", "stretch 224, 224")]
    public void Settings_without_a_class_are_of_the_models(string type, string expected)
    {
        var image = Image("{}", type);
        Assert.Equal(expected, $"{image["resize"]} {image["resizeTo"]}, {image["crop"]}");
    }

    private static JsonObject Image(string settings, string type = "mine")
    {
        var draft = new CardDraft();
        PictureRules.Write(draft, new Settings("preprocessor_config.json", (JsonObject)JsonNode.Parse(settings)!), new Settings("config.json", new JsonObject { ["model_type"] = type }));
        return (JsonObject)JsonNode.Parse(draft.ToString())!["image"]!;
    }
}
