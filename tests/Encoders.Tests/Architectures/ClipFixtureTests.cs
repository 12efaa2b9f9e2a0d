using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

[Trait("Category", "Fixtures")]
public sealed class ClipFixtureTests
{
    [Fact]
    public void Clip_gives_the_features_of_its_authors_code()
    {
        var fixture = new EncoderFixture("clip_tiny");
        var card = new EncoderCard
        {
            Clip = new ClipArchitecture
            {
                Joint = fixture.Size("embed_dim"),
                Patch = fixture.Size("vision_patch_size"),
                Vision = new TransformerSize { Width = fixture.Size("vision_width"), Layers = fixture.Size("vision_layers"), Heads = (int)fixture.Json["vision_heads"]! },
                Text = new TransformerSize { Width = fixture.Size("transformer_width"), Layers = fixture.Size("transformer_layers"), Heads = fixture.Size("transformer_heads") },
            },
            Image = EncoderFixture.Pictures(fixture.Size("image_resolution")),
            Text = EncoderFixture.Texts(fixture.Size("vocab_size"), fixture.Size("context_length")),
        };
        var (image, text) = (fixture.Input("image"), fixture.Input("text"));

        var graph = new Graph("clip");
        var clip = new Clip(graph, card);
        var visual = clip.Image(graph.Input("image", ElementType.Float32, Shape.Of(image.Shape)));
        var textual = clip.Text(graph.Input("text", ElementType.Int64, Shape.Of(text.Shape)));
        graph.Output("image_hidden", visual.Hidden);
        graph.Output("image_features", visual.Joint);
        graph.Output("text_features", textual.Joint);
        fixture.SetWeights(graph);

        using var model = InferenceModel.Open(graph);
        var outputs = model.Run(new Batch { ["image"] = image, ["text"] = text });
        foreach (var name in new[] { "image_hidden", "image_features", "text_features" }) fixture.EqualOutput(name, outputs[name]);
    }
}
