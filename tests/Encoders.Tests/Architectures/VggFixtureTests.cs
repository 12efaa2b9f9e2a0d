using System.Text.Json.Nodes;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

[Trait("Category", "Fixtures")]
public sealed class VggFixtureTests
{
    [Fact]
    public void Vgg_gives_fc7_of_torchvisions_code()
    {
        var fixture = new EncoderFixture("vgg_tiny");
        var image = fixture.Input("image");
        var card = new EncoderCard
        {
            Vgg = new VggArchitecture
            {
                Stages = [.. string.Join(' ', ((JsonArray)fixture.Json["channels"]!).Select(c => c!.ToString())).Split('M', StringSplitOptions.RemoveEmptyEntries)
                    .Select(stage => stage.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())],
                Hidden = (int)fixture.Json["fc"]!,
                Classes = (int)fixture.Weight("classifier.6.bias").Shape[0],
            },
            Image = EncoderFixture.Pictures((int)image.Shape[2]),
        };
        var graph = EncoderGraph.Build(card);
        fixture.SetWeights(graph);
        using var model = InferenceModel.Open(graph);
        fixture.EqualOutput("fc7", model.Run(new Batch { [EncoderGraph.Pixels] = image })[EncoderGraph.Visual]);
    }
}
