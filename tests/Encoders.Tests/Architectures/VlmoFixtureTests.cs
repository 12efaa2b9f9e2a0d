using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

[Trait("Category", "Fixtures")]
public sealed class VlmoFixtureTests
{
    [Fact]
    public void Vlmo_gives_the_features_of_its_authors_code()
    {
        var fixture = new EncoderFixture("vlmo_tiny");
        var card = new EncoderCard
        {
            Vlmo = new VlmoArchitecture
            {
                Transformer = new TransformerSize { Width = fixture.Size("embed_dim"), Layers = fixture.Size("depth"), Heads = fixture.Size("num_heads") },
                Patch = fixture.Size("patch_size"),
                FusionStart = fixture.Size("vlffn_start_layer_index"),
            },
            Image = EncoderFixture.Pictures(fixture.Size("img_size")),
            Text = EncoderFixture.Texts(fixture.Size("vocab_size"), fixture.Size("max_text_len")),
        };
        string[] inputs = ["image", "text"];
        var batch = new Batch();
        foreach (var name in inputs) batch[name] = fixture.Input(name);

        var graph = new Graph("vlmo");
        var (pixels, ids) = (Input("image"), Input("text"));
        var vlmo = new Vlmo(graph, card);
        var (image, text) = (vlmo.Image(pixels), vlmo.Text(Texts(ids)));
        var fused = vlmo.Fused(Texts(ids), pixels);
        var pooled = vlmo.Pooled(fused);
        graph.Output("image_cls", image.PostNorm);
        graph.Output("text_cls", text.PostNorm);
        graph.Output("image_vl", vlmo.ThroughFusion(image));
        graph.Output("text_vl", vlmo.ThroughFusion(text));
        graph.Output("fused", fused);
        graph.Output("pooled", pooled);
        fixture.SetWeights(graph);

        using var model = InferenceModel.Open(graph);
        var outputs = model.Run(batch);
        foreach (var name in new[] { "image_cls", "text_cls", "image_vl", "text_vl", "fused", "pooled" }) fixture.EqualOutput(name, outputs[name]);

        static TokenTensors Texts(Tensor ids) => new(ids, ids.Greater(0).Cast(ElementType.Int64)); // the reference pads with 0

        Tensor Input(string name) => graph.Input(name, batch[name].Type, Shape.Of(batch[name].Shape));
    }
}
