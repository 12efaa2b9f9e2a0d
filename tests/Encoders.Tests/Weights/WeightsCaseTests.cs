using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Tests.Weights;

/// <summary>Files as users bring them, from ../shared/cases.</summary>
public sealed class WeightsCaseTests
{
    [Theory]
    [InlineData("old-zip-off.pt")]
    [InlineData("namespace.pt")]
    [InlineData("protocol4.pt")]
    [InlineData("torch-values.pt")]
    [InlineData("double.pt")]
    [InlineData("transposed-views.pt")]
    [InlineData("numpy-scalar.pt")]
    [InlineData("datetime.pt")]
    [InlineData("numpy-arrays.pt")]
    [InlineData("parameters.pt")]
    public void Whatever_a_checkpoint_holds_beside_them_the_weights_are_the_same(string file) =>
        Assert.Equal(Import("21-checkpoint-extras", "parameters.pt").Values, Import("21-checkpoint-extras", file).Values);

    [Fact]
    public void A_whole_module_is_refused_by_the_name_of_its_class() =>
        Assert.Contains("calls torch.nn.modules.linear.Linear", Refusal("21-checkpoint-extras", "whole-module.pt"));

    [Fact]
    public void The_first_names_of_layer_normalisation_are_read()
    {
        var (report, values) = Import("19-bert-gamma-beta", "model.safetensors");
        Assert.Equal("bert.", report.Prefix);
        Assert.Empty(report.Drawn);
        Assert.Equal(Import("19-bert-gamma-beta", "today.safetensors").Values, values);
        Assert.Equal(values, Import("19-bert-gamma-beta", "pytorch_model.bin").Values);
    }

    [Fact]
    public void Two_models_in_one_file_are_both_named()
    {
        Assert.Contains("'model.' and 'module.'", Refusal("20-weights-prefixes", "two-models.safetensors"));
        Assert.NotEqual(Import("20-weights-prefixes", "two-models.safetensors", "model.").Values, Import("20-weights-prefixes", "two-models.safetensors", "module.").Values);
    }

    [Fact]
    public void A_prefix_of_any_name_is_taken_off_and_said() =>
        Assert.Equal("text_encoder.", Import("20-weights-prefixes", "encoder-of-two.safetensors").Report.Prefix);

    [Theory]
    [InlineData("model.safetensors", "run git lfs pull")]
    [InlineData("pytorch_model.bin", "run git lfs pull")]
    [InlineData("page.safetensors", "is a web page")]
    [InlineData("cut.safetensors", "truncated")]
    [InlineData("cut.bin", "truncated")]
    public void What_is_no_file_of_weights_is_called_by_its_name(string file, string what) => Assert.Contains(what, Refusal("18-weights-lfs-pointer", file));

    private static string Refusal(string folder, string file) => Assert.Throws<InvalidInputException>(() => Import(folder, file)).Message;

    private static (WeightsReport Report, IReadOnlyList<float> Values) Import(string folder, string file, string? prefix = null)
    {
        var card = EncoderCard.Read(Beside.Case(Path.Combine(folder, "card")));
        var graph = EncoderGraph.Build(card);
        var report = WeightsImport.Apply(graph, WeightsFile.Read(Beside.Case(Path.Combine(folder, "files", file))), prefix, name => card.Architecture.IsOptional(name, card), file);
        return (report, [.. graph.Parameters.SelectMany(p => p.Value!.As<float>())]);
    }
}
