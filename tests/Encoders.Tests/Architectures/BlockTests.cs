using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Architectures;

/// <summary>What fine-tuning of a part of an encoder needs to know: which parameters belong to which block.</summary>
public sealed class BlockTests
{
    private static readonly TransformerSize Size = new() { Width = 24, Layers = 3, Heads = 3 };
    private static readonly ImagePreprocessing Pictures = new() { ResizeTo = [32], Crop = [32] };
    private static readonly TextTokenization Texts = new() { File = "unused", Vocabulary = 50, Length = 12 };

    [Fact]
    public void Clip_has_two_towers()
    {
        var blocks = Of(new EncoderCard { Clip = new ClipArchitecture { Joint = 16, Patch = 8, Vision = Size, Text = Size with { Layers = 2 } }, Image = Pictures, Text = Texts });
        Assert.Equal([("visual.transformer.resblocks", 3), ("transformer.resblocks", 2)], blocks.Towers.OrderByDescending(t => t.Blocks));
        Assert.Equal([4, 4, 4, 3, 1, 0, 0], Depths(blocks, "visual.conv1.weight", "visual.positional_embedding", "visual.ln_pre.weight", "visual.transformer.resblocks.0.ln_1.weight",
            "visual.transformer.resblocks.2.mlp.c_proj.bias", "visual.ln_post.weight", "visual.proj"));
        Assert.Equal([3, 3, 2, 1, 0, 0, 0], Depths(blocks, "token_embedding.weight", "positional_embedding", "transformer.resblocks.0.attn.in_proj_weight", "transformer.resblocks.1.ln_2.bias",
            "ln_final.weight", "text_projection", "logit_scale"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vlmo_has_one_tower_for_pictures_and_texts(bool relative)
    {
        var blocks = Of(new EncoderCard { Vlmo = new VlmoArchitecture { Transformer = Size, Patch = 8, FusionStart = 2, Relative = relative }, Image = Pictures, Text = Texts });
        Assert.Equal([("transformer.blocks", 3)], blocks.Towers);
        Assert.Equal([4, 4, 4, 3, 3, 1, 0], Depths(blocks, "transformer.patch_embed.proj.weight", "text_embeddings.word_embeddings.weight", "token_type_embeddings.weight",
            "transformer.blocks.0.mlp_imag.fc1.weight", "transformer.blocks.0.attn.q_bias", "transformer.blocks.2.norm1.weight", "transformer.norm.weight"));
        if (relative) Assert.True(blocks.Of("relative_position_bias_table").IsEmbedding); // it serves all blocks
    }

    [Fact]
    public void Bert_has_one_tower()
    {
        var blocks = Of(new EncoderCard { Bert = new BertArchitecture { Transformer = Size, Intermediate = 48, Positions = 16 }, Text = Texts });
        Assert.Equal([("encoder.layer", 3)], blocks.Towers);
        Assert.Equal([4, 4, 3, 1, 0], Depths(blocks, "embeddings.word_embeddings.weight", "embeddings.LayerNorm.bias", "encoder.layer.0.attention.self.query.weight", "encoder.layer.2.output.dense.bias", "pooler.dense.weight"));
    }

    private static IEnumerable<int> Depths(BlockList blocks, params string[] names) => names.Select(name => blocks.Of(name).Depth);

    private static BlockList Of(EncoderCard card) => Blocks.Of(EncoderGraph.Build(card));
}
