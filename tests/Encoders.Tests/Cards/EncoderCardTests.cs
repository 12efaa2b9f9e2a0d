using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Tests.Cards;

public sealed class EncoderCardTests
{
    private static readonly string Models = Path.Combine(Beside.Checkout, "onnx-models");

    [Fact]
    public void Every_card_that_comes_along_is_valid()
    {
        var folders = Directory.GetDirectories(Models);
        Assert.NotEmpty(folders);
        Assert.All(folders, folder => Assert.NotEqual("", EncoderCard.Read(folder).Description));
    }

    [Fact]
    public void An_unknown_field_is_refused_with_the_nearest_name()
    {
        var faults = FaultsOf(card => card["image"]!["resizeto"] = 64);
        Assert.Contains("image.resizeto: unknown key; did you mean 'resizeTo'?", Assert.Single(faults));
    }

    [Fact]
    public void All_faults_are_listed_at_once_with_their_keys()
    {
        var faults = FaultsOf(card =>
        {
            card["clip"]!["vision"]!["layers"] = 0;
            card["text"]!.AsObject().Remove("vocabulary");
            card["image"]!["filter"] = "nearby";
        });
        Assert.Equal(3, faults.Count);
        Assert.Contains(faults, f => f.Contains("clip.vision.layers: 0 is out of range; allowed 1 to 256", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("text.vocabulary: is required", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("image.filter: unknown value 'nearby'", StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Contains("clip.patch: 7 does not divide the picture's 64 pixels", Assert.Single(FaultsOf(card => card["clip"]!["patch"] = 7)));
        Assert.Contains("clip.text.heads: 5 does not divide the width 96", Assert.Single(FaultsOf(card => card["clip"]!["text"]!["heads"] = 5)));
        Assert.Contains("clip.joint: is required", FaultsOf(card => card["clip"] = new JsonObject())[0]); // and no division by what is not there
        Assert.Contains(FaultsOf(card => card["image"]!["crop"] = 65), f => f.Contains("image.crop: 65 is larger than resizeTo 64", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("image", "resizeTo", "[64, 64]", "image.resizeTo: has 2 values, but only one side is given with 'shorter-side'; allowed 1, or resize 'stretch'")]
    [InlineData("image", "resizeTo", "[64, 64, 3]", "image.resizeTo: has 3 values; allowed 1, or 2 (height, width)")]
    [InlineData("image", "crop", "[48, 64]", "clip.patch: needs square pictures, not 48 × 64 (image.crop)")]
    [InlineData("image", "meanImage", "\"../mean.safetensors\"", "image.meanImage: '../mean.safetensors' is not allowed")]
    [InlineData("image", "meanImage", "\"mean.safetensors\"", "image.mean: is not allowed beside meanImage; write [0, 0, 0]")]
    [InlineData("image", "channels", "\"bgra\"", "image.channels: unknown value 'bgra'")]
    [InlineData("image", "rescale", "0", "image.rescale: 0 is out of range")]
    [InlineData("text", "padId", "821", "text.padId: 821 is beyond the vocabulary of 821 ids")]
    [InlineData("text", "padding", "\"none\"", "text.padding: unknown value 'none'")]
    public void What_a_section_cannot_say_is_refused_with_what_it_can(string section, string key, string value, string fault) =>
        Assert.Contains(FaultsOf(card => card[section]![key] = JsonNode.Parse(value)), f => f.Contains(fault, StringComparison.Ordinal));

    [Theory]
    [InlineData("{ }", "onnx: names no tower; allowed are visual, textual or both")]
    [InlineData("{ \"textual\": { \"file\": \"a.onnx\", \"input\": \"x\" } }", "onnx.textual.output: is required")]
    [InlineData("{ \"textual\": { \"file\": \"../a.onnx\", \"input\": \"x\", \"output\": \"y\" } }", "onnx.textual.file: '../a.onnx' is not allowed; name a file in the card's folder or below it")]
    [InlineData("{ \"textual\": { \"file\": \"/a.onnx\", \"input\": \"x\", \"output\": \"y\" } }", "onnx.textual.file: '/a.onnx' is not allowed")]
    [InlineData("{ \"textual\": { \"file\": \"onnx\\\\a.onnx\", \"input\": \"x\", \"output\": \"y\" } }", "is not allowed; name a file in the card's folder")]
    [InlineData("{ \"textual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\", \"pooling\": \"max\" } }", "onnx.textual.pooling: unknown value 'max'")]
    [InlineData("{ \"textual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\", \"dimensions\": 0 } }", "onnx.textual.dimensions: 0 is out of range")]
    [InlineData("{ \"visual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\", \"mask\": \"m\" } }", "onnx.visual.mask: is not allowed: only texts have padding")]
    [InlineData("{ \"visual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\", \"types\": \"m\" } }", "onnx.visual.types: is not allowed: only texts have token types")]
    [InlineData("{ \"visual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\", \"pooling\": \"last\" } }", "onnx.visual.pooling: 'last' is not allowed")]
    [InlineData("{ \"visual\": { \"file\": \"a.onnx\", \"input\": \"x\", \"output\": \"y\" } }", "text: is not allowed: the architecture reads no texts")]
    public void A_tower_that_cannot_be_is_refused_with_its_keys(string onnx, string fault) => Assert.Contains(FaultsOf(card =>
    {
        card.Remove("clip");
        card.Remove("feature");
        card["onnx"] = JsonNode.Parse(onnx);
    }), f => f.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void Origins_are_texts() =>
        Assert.Contains("origins.image.crop: is no text", Assert.Single(FaultsOf(card => card["origins"] = new JsonObject { ["image.crop"] = 224, ["text.length"] = "config.json, max_position_embeddings" })));

    [Theory]
    [InlineData("../../x")]
    [InlineData("/tmp/x")]
    [InlineData("..")]
    [InlineData("a\\b")]
    [InlineData("visual.onnx")]
    [InlineData("Card.json")]
    public void A_vocabulary_lies_in_the_folder_of_its_card(string file) =>
        Assert.Contains($"text.file: '{file}' is not allowed", Assert.Single(FaultsOf(card => card["text"]!["file"] = file)));

    [Fact]
    public void Texts_that_are_longer_than_the_table_of_relative_positions_are_refused() =>
        Assert.Contains("text.length: 197 is too long for vlmo.relative", Assert.Single(FaultsOf(card => card["text"]!["length"] = 197, "vlmo-base")));

    [Fact]
    public void A_card_names_exactly_one_architecture_and_what_it_needs()
    {
        Assert.EndsWith("card.json: names 0 architectures; allowed exactly one of clip, vlmo, bert, vgg, onnx", Assert.Single(FaultsOf(card => card.Remove("clip"))));
        Assert.Contains("image: is required", Assert.Single(FaultsOf(card => card.Remove("image"))));
        Assert.Contains("feature: unknown value 'joints'; did you mean 'joint'?", Assert.Single(FaultsOf(card => card["feature"] = "joints")));
    }

    [Fact]
    public void A_folder_without_card_says_so()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("there is no card.json", Assert.Throws<InvalidInputException>(() => EncoderCard.Read(folder.Path)).Message);
    }

    private static IReadOnlyList<string> FaultsOf(Action<JsonObject> change, string encoder = "clip-small")
    {
        using var folder = new TemporaryFolder();
        var card = JsonNode.Parse(File.ReadAllText(Path.Combine(Models, encoder, EncoderCard.FileName)))!.AsObject();
        change(card);
        File.WriteAllText(folder.PathOf(EncoderCard.FileName), card.ToJsonString());
        return Assert.Throws<ConfigurationException>(() => EncoderCard.Read(folder.Path)).Faults;
    }
}
