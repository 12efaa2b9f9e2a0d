using System.Text.Json.Nodes;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

[Trait("Category", "Fixtures")]
public sealed class VggFixtureTests
{
    [Fact]
    public void Vgg_gives_fc7_and_the_gradients_of_torchvisions_code()
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
        var fc7 = graph.Outputs[EncoderGraph.Visual];
        graph.Output("loss", (fc7 * fc7).ReduceMean());
        foreach (var parameter in graph.Parameters.Where(p => p.Name.StartsWith("classifier.6.", StringComparison.Ordinal))) parameter.Trainable = false; // not on the way to fc7
        fixture.SetWeights(graph);
        using var model = InferenceModel.Open(graph);
        fixture.EqualOutput("fc7", model.Run(new Batch { [EncoderGraph.Pixels] = image })[EncoderGraph.Visual]);
        fixture.EqualGradients(graph, new Batch { [EncoderGraph.Pixels] = image });
    }
}
