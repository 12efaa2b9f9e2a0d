using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests;

public sealed class EncoderCaseTests
{
    /// <summary>One model with two orders of its vocabulary: padding is the first word in one, the third in the other.</summary>
    [Fact]
    public void Where_the_vocabulary_has_its_padding_makes_no_difference()
    {
        string[] texts = ["", "a", "red mug 12", "tea towel, blue and red", "zzz 0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n"];
        var (first, second) = (Encode("pad-first", texts), Encode("pad-second", texts));
        for (var i = 0; i < texts.Length; i++) Assert.All(first[i].Zip(second[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    private static List<float[]> Encode(string name, string[] texts)
    {
        using var folder = new TemporaryFolder();
        var source = Beside.Case(Path.Combine("28-pad-not-zero", name));
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, folder.PathOf(Path.GetFileName(file)));
        var card = EncoderCard.Read(source);
        var graph = EncoderGraph.Build(card);
        WeightsImport.Apply(graph, WeightsFile.Read(source + ".safetensors"), null, parameter => card.Architecture.IsOptional(parameter, card), name);
        EncoderGraph.Tower(card, EncoderGraph.WeightsOf(graph), EncoderGraph.Textual).Save(folder.PathOf(Encoder.TextualFile));
        using var encoder = Encoder.Open(folder.Path, new RuntimeOptions { Device = TestDevice.Name });
        return encoder.Texts!.Encode(texts);
    }
}
