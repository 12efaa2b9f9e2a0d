using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>What the settings of sentence encoders mean, on vectors that are worked out by hand.</summary>
public sealed class TextFolderTests : IDisposable
{
    private readonly PlantedFolder _folder = new();
    private readonly TemporaryFolder _target = new();

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Theory]
    [InlineData("""{ "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false }""", 0)]
    [InlineData("""{ "pooling_mode_lasttoken": true }""", 3)]
    [InlineData("""{ "pooling_mode": "lasttoken", "include_prompt": true }""", 3)]
    [InlineData("""{ "pooling_mode_mean_tokens": true, "word_embedding_dimension": 4 }""", null)]
    [InlineData("""{ "pooling_mode": "mean" }""", null)]
    public async Task Tokens_become_a_vector_as_the_pooling_says(string pooling, int? token)
    {
        await ImportAsync(_folder.Texts().Modules(pooling));
        var ids = PlantedFolder.Ids("red", "mug");
        var mean = Mean(ids);
        Assert.Equal(Sum(token is null ? mean : PlantedFolder.Word((int)ids[token.Value]), mean), Encode("red mug"), Close);
    }

    [Fact]
    public async Task A_vector_is_cut_first_and_brought_to_length_1_then()
    {
        await ImportAsync(_folder.Texts().Modules(normalizes: true).Write("config_sentence_transformers.json", """{ "truncate_dim": 3 }"""));
        var cut = Sum(Mean(PlantedFolder.Ids("mug")), Mean(PlantedFolder.Ids("mug")))[..3];
        var length = MathF.Sqrt(cut.Sum(x => x * x));
        Assert.Equal([.. cut.Select(x => x / length)], Encode("mug"), Close);
    }

    [Fact]
    public async Task A_prompt_stands_before_every_text()
    {
        var card = await ImportAsync(_folder.Texts().Modules().Write("config_sentence_transformers.json", """{ "prompts": { "query": "query: ", "document": "" }, "default_prompt_name": "query" }"""));
        Assert.Equal("query: ", card.Text!.Prefix);
        Assert.Equal(PlantedFolder.Ids("query", ":", "mug"), Ids("mug"));
    }

    [Fact]
    public async Task Prompts_of_which_none_is_the_default_change_nothing()
    {
        await ImportAsync(_folder.Texts().Modules().Write("config_sentence_transformers.json", """{ "prompts": { "query": "query: " }, "default_prompt_name": null }"""));
        Assert.Equal(PlantedFolder.Ids("mug"), Ids("mug"));
    }

    [Theory]
    [InlineData("bert", 514, 514)]
    [InlineData("xlm-roberta", 514, 512)]
    [InlineData("roberta", 130, 128)]
    [InlineData("mpnet", 514, 512)]
    [InlineData("luke", 514, 512)]
    [InlineData("roberta-prelayernorm", 514, 512)]
    [InlineData("esm", 66, 64)]
    [InlineData("jina_clip_text", 66, 64)]
    public async Task Positions_of_some_models_begin_after_paddings(string type, int positions, int length)
    {
        var card = await ImportAsync(_folder.Texts($$"""{ "model_type": "{{type}}", "max_position_embeddings": {{positions}} }""").Modules());
        Assert.Equal(length, card.Text!.Length);
    }

    [Fact]
    public async Task The_first_of_three_places_says_how_long_a_text_may_be()
    {
        _folder.Texts("""{ "text_config": { "model_type": "x", "max_position_embeddings": 60 } }""").Modules();
        Assert.Equal((60, "config.json, text_config, max_position_embeddings"), await LengthAsync());
        _folder.Write("tokenizer_config.json", """{ "pad_token": { "content": "[PAD]", "__type": "AddedToken" }, "model_max_length": 50 }""");
        Assert.Equal((50, "tokenizer_config.json, model_max_length"), await LengthAsync());
        _folder.Write("sentence_xlm-roberta_config.json", """{ "max_seq_length": 40, "do_lower_case": false }""");
        Assert.Equal((40, "sentence_xlm-roberta_config.json, max_seq_length"), await LengthAsync());
        _folder.Write("sentence_xlm-roberta_config.json", """{ "max_seq_length": 90 }""");
        Assert.Equal((60, "config.json, text_config, max_position_embeddings; sentence_xlm-roberta_config.json, max_seq_length, is more"), await LengthAsync());

        async Task<(int, string)> LengthAsync()
        {
            var card = await ImportAsync(_folder);
            return (card.Text!.Length, (string)card.Origins!["text.length"]!);
        }
    }

    [Fact]
    public async Task A_graphs_own_output_for_sentences_is_the_vector()
    {
        var card = await ImportAsync(_folder.Texts(output: "sentence_embedding").Modules("""{ "pooling_mode_cls_token": true }"""));
        Assert.Equal(Pooling.None, card.Onnx!.Textual!.Pooling);
        Assert.Equal(PlantedFolder.Width, Encode("red shirt").Length);
    }

    [Fact]
    public async Task Lower_case_comes_before_a_normalizer_that_keeps_upper_case()
    {
        _folder.Texts().Modules().Write("tokenizer.json", PlantedFolder.Tokenizer(lowers: false));
        await ImportAsync(_folder);
        Assert.Equal(PlantedFolder.Ids("Red", "[UNK]", "[SEP]"), Ids("Red MUG [SEP]"));
        await ImportAsync(_folder.Write("tokenizer_config.json", """{ "pad_token": "[PAD]", "do_lower_case": true }"""));
        Assert.Equal(PlantedFolder.Ids("red", "mug", "[SEP]"), Ids("Red MUG [SEP]"));
    }

    [Theory]
    [InlineData(true, Padding.Free)]
    [InlineData(false, Padding.Full)]
    public async Task A_graph_without_a_mask_gets_full_length_where_it_sees_padding(bool hasMask, Padding padding)
    {
        var card = await ImportAsync(_folder.Texts("""{ "max_position_embeddings": 64 }""", hasMask: hasMask).Modules());
        Assert.Equal(padding, card.Text!.Padding);
    }

    /// <summary>The vector is the mean over all positions, or that of the last one: the mask does not keep padding out of it.</summary>
    [Theory]
    [InlineData("sentence_embedding")]
    [InlineData("text_embeds")]
    public async Task A_graph_with_a_mask_gets_full_length_where_its_vector_sees_padding(string output)
    {
        var card = await ImportAsync(_folder.Texts("""{ "max_position_embeddings": 64 }""", output: output));
        Assert.Equal(Padding.Full, card.Text!.Padding);
        Assert.Equal("the trial: padding changes the vectors", (string)card.Origins!["text.padding"]!);
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        Assert.Equal([64], encoder.Texts!.Lengths);
    }

    [Fact]
    public async Task A_graph_that_fails_on_short_texts_gets_full_length()
    {
        var card = await ImportAsync(_folder.Texts("""{ "max_position_embeddings": 64 }""", position: 63).Modules());
        Assert.Equal(Padding.Full, card.Text!.Padding);
        Assert.Equal("the trial: the graph fails on texts of 16 tokens", (string)card.Origins!["text.padding"]!);
    }

    [Fact]
    public Task A_graph_that_fails_at_its_full_length_is_refused() =>
        RefusedAsync(_folder.Texts("""{ "max_position_embeddings": 64 }""", position: 64).Modules(), "config.json, max_position_embeddings", "64 tokens", "onnx/model.onnx fails on a batch");

    [Fact]
    public Task A_table_of_positions_that_ends_before_the_longest_text_is_refused_by_the_lengths_field() => RefusedAsync(
        _folder.Texts("{}", positions: 100).Modules().Write("sentence_bert_config.json", """{ "max_seq_length": 256 }"""),
        "sentence_bert_config.json, max_seq_length", "256 tokens", "tokenizer.json", "onnx/model.onnx");

    [Fact]
    public async Task A_table_of_positions_as_long_as_the_longest_text_will_do()
    {
        var card = await ImportAsync(_folder.Texts("{}", positions: 100).Modules().Write("sentence_bert_config.json", """{ "max_seq_length": 100 }"""));
        Assert.Equal((100, Padding.Free), (card.Text!.Length, card.Text.Padding));
    }

    [Fact]
    public async Task Weights_that_a_graph_names_with_a_dot_in_front_are_those_beside_it()
    {
        _folder.Texts(weightsBeside: true).Modules();
        var (graph, weights) = (Path.Combine(_folder.Path, "onnx/model.onnx"), Path.Combine(_folder.Path, "onnx/model.onnx.data"));
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(graph)).Replace("model.onnx.data", "./del.onnx.data", StringComparison.Ordinal); // as many bytes
        File.WriteAllBytes(graph, System.Text.Encoding.Latin1.GetBytes(text));
        File.Move(weights, Path.Combine(_folder.Path, "onnx/del.onnx.data"));
        await ImportAsync(_folder);
        Assert.True(File.Exists(_target.PathOf("onnx/del.onnx.data")));
        Assert.Equal(Sum(Mean(PlantedFolder.Ids("mug")), Mean(PlantedFolder.Ids("mug"))), Encode("mug"), Close);
    }

    [Fact]
    public async Task Texts_have_8192_tokens_at_most()
    {
        var card = await ImportAsync(_folder.Texts("{}").Modules().Write("tokenizer_config.json", """{ "pad_token": "[PAD]", "model_max_length": 32768 }"""));
        Assert.Equal((8192, Padding.Free), (card.Text!.Length, card.Text.Padding));
        Assert.Equal("the most that a card allows; tokenizer_config.json, model_max_length, is more", (string)card.Origins!["text.length"]!);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "padding_side", """{ "pad_token": "[PAD]", "padding_side": "left" }""")]
    [InlineData("tokenizer.json", "direction", """{ "pad_token": "[PAD]" }""")]
    public async Task Padding_in_front_is_refused_where_texts_are_padded_to_their_full_length(string file, string field, string settings)
    {
        var fills = PlantedFolder.Tokenizer(lowers: true).Replace("\"padding\": null", """ "padding": { "direction": "Left" }""", StringComparison.Ordinal);
        _folder.Texts("""{ "max_position_embeddings": 64 }""").Modules().Write("tokenizer_config.json", settings).Write("tokenizer.json", fills);
        Assert.Equal(Padding.Free, (await ImportAsync(_folder)).Text!.Padding); // the mask takes care
        File.Delete(_target.PathOf(EncoderCard.FileName));
        await RefusedAsync(_folder.Texts("""{ "max_position_embeddings": 64 }""", hasMask: false).Write("tokenizer_config.json", settings).Write("tokenizer.json", fills), file, field, "padded to their full length");
    }

    [Fact]
    public async Task Padding_may_be_named_in_the_map_of_special_tokens()
    {
        await ImportAsync(_folder.Texts().Modules().Write("tokenizer_config.json", "{}").Write("special_tokens_map.json", """{ "pad_token": { "content": "[SEP]" } }"""));
        Assert.Equal(3, EncoderCard.Read(_target.Path).Text!.PadId);
    }

    [Theory]
    [InlineData("""{ "pooling_mode_max_tokens": true }""", "1_Pooling/config.json", "pooling_mode_max_tokens")]
    [InlineData("""{ "pooling_mode_weightedmean_tokens": true }""", "1_Pooling/config.json", "pooling_mode_weightedmean_tokens")]
    [InlineData("""{ "pooling_mode": "max" }""", "1_Pooling/config.json", "pooling_mode", "max")]
    [InlineData("""{ "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true }""", "1_Pooling/config.json", "pooling_mode_cls_token and pooling_mode_mean_tokens")]
    [InlineData("""{ "pooling_mode_cls_token": false }""", "1_Pooling/config.json", "no pooling_mode")]
    public Task A_pooling_that_is_not_done_is_refused_by_its_name(string pooling, params string[] words) => RefusedAsync(_folder.Texts().Modules(pooling), words);

    [Fact]
    public async Task Modules_do_not_matter_where_the_graph_gives_the_vector()
    {
        var card = await ImportAsync(_folder.Texts(output: "text_embeds").Write("modules.json", """[ { "type": "custom_st.Transformer" } ]"""));
        Assert.Equal("text_embeds", card.Onnx!.Textual!.Output);
    }

    [Theory]
    [InlineData("sentence_transformers.models.Dense")]
    [InlineData("sentence_transformers.models.LayerNorm")]
    [InlineData("custom_st.Router")]
    public Task A_module_that_is_not_done_is_refused_by_its_type(string type) =>
        RefusedAsync(_folder.Texts().Modules(more: $$""", { "idx": 2, "path": "2_Dense", "type": "{{type}}" }"""), "modules.json", "module 2", type);

    [Fact]
    public Task Tokens_without_modules_are_no_vector() => RefusedAsync(_folder.Texts(), "onnx/model.onnx", "last_hidden_state", "modules.json");

    [Theory]
    [InlineData("pooler_output", "")]
    [InlineData("embeddings", "")]
    [InlineData("pooler_output", """, { "idx": 2, "path": "2_Dense", "type": "sentence_transformers.models.Dense" }""")]
    public Task Modules_are_not_passed_over_for_the_only_output(string output, string more) => RefusedAsync(_folder.Texts(output: output).Modules(more: more), "onnx/model.onnx", output, "modules.json");

    [Fact]
    public Task A_pooler_is_no_vector_of_a_text() => RefusedAsync(_folder.Texts(output: "pooler_output"), "onnx/model.onnx", "pooler_output", "bert");

    [Theory]
    [InlineData("siglip2_text_model", "pooler_output")]
    [InlineData("bert", "embeddings")]
    public async Task The_only_output_is_the_vector_where_nothing_speaks_against_it(string type, string output)
    {
        var card = await ImportAsync(_folder.Texts($$"""{ "model_type": "{{type}}", "max_position_embeddings": 64 }""", output: output));
        Assert.Equal(output, card.Onnx!.Textual!.Output);
    }

    [Fact]
    public Task A_prompt_that_does_not_count_is_refused() => RefusedAsync(
        _folder.Texts().Modules("""{ "pooling_mode_mean_tokens": true, "include_prompt": false }""").Write("config_sentence_transformers.json", """{ "prompts": { "q": "query: " }, "default_prompt_name": "q" }"""),
        "1_Pooling/config.json", "include_prompt");

    [Fact]
    public Task A_default_prompt_that_is_not_there_is_refused() =>
        RefusedAsync(_folder.Texts().Modules().Write("config_sentence_transformers.json", """{ "prompts": {}, "default_prompt_name": "q" }"""), "config_sentence_transformers.json", "default_prompt_name", "q");

    [Fact]
    public Task Lower_case_before_the_tokenizer_is_refused() =>
        RefusedAsync(_folder.Texts().Modules().Write("tokenizer.json", PlantedFolder.Tokenizer(lowers: false)).Write("sentence_bert_config.json", """{ "max_seq_length": 9, "do_lower_case": true }"""), "sentence_bert_config.json", "do_lower_case");

    [Fact]
    public Task Upper_case_that_the_tokenizer_does_not_keep_is_refused() =>
        RefusedAsync(_folder.Texts().Modules().Write("tokenizer_config.json", """{ "pad_token": "[PAD]", "do_lower_case": false }"""), "tokenizer_config.json", "do_lower_case", "tokenizer.json");

    [Fact]
    public Task Texts_that_lose_their_beginning_are_refused() =>
        RefusedAsync(_folder.Texts().Modules().Write("tokenizer_config.json", """{ "pad_token": "[PAD]", "truncation_side": "left" }"""), "tokenizer_config.json", "truncation_side", "left");

    [Fact]
    public Task A_tokenizer_of_another_model_is_refused() => RefusedAsync(_folder.Texts(words: PlantedFolder.Words - 1).Modules(), "tokenizer.json", "ids up to 11", "11 rows", "onnx/model.onnx");

    [Theory]
    [InlineData("clip", 49408)]
    [InlineData("siglip", 32000)]
    public Task A_table_of_which_nothing_tells_the_rows_is_as_large_as_the_models_type_has_it(string type, int rows) => RefusedAsync(
        _folder.Texts($$"""{ "model_type": "{{type}}", "text_config": {} }""", output: "text_embeds", hidesTable: true)
            .Write("tokenizer.json", PlantedFolder.Tokenizer(lowers: true).Replace("\"Red\": 11", $"\"Red\": {rows}", StringComparison.Ordinal)),
        "tokenizer.json", $"{rows} rows", $"model_type {type}'s default");

    [Fact]
    public Task A_padding_that_the_tokenizer_lacks_is_refused() => RefusedAsync(_folder.Texts().Modules().Write("tokenizer_config.json", """{ "pad_token": "<pad>" }"""), "tokenizer_config.json", "pad_token", "<pad>");

    [Fact]
    public Task A_padding_beyond_the_vocabulary_is_refused() =>
        RefusedAsync(_folder.Texts("""{ "max_position_embeddings": 16, "pad_token_id": 12 }""").Modules().Write("tokenizer_config.json", "{}"), "config.json, pad_token_id", "12", "beyond the vocabulary");

    [Fact]
    public async Task A_length_that_is_nowhere_said_is_refused()
    {
        await RefusedAsync(_folder.Texts("""{ "model_type": "mine" }""").Modules(), "model_max_length is so large that it sets no limit", "max_position_embeddings", "mine");
        await RefusedAsync(_folder.Write("tokenizer_config.json", """{ "pad_token": "[PAD]" }"""), "model_max_length is missing");
    }

    [Fact]
    public Task Tokens_that_the_graph_gives_as_one_vector_are_not_pooled() => RefusedAsync(_folder.Texts(means: true).Modules(), "onnx/model.onnx", "last_hidden_state", "modules.json", "tokens");

    [Fact]
    public Task Vectors_that_are_no_numbers_are_refused() => RefusedAsync(_folder.Texts(bad: float.NaN).Modules(), "onnx/model.onnx", "NaN", "texts");

    [Fact]
    public Task Vectors_that_tell_nothing_apart_are_refused() => RefusedAsync(_folder.Texts(bad: 0.5f).Modules(), "onnx/model.onnx", "same vector", "texts");

    private async Task<EncoderCard> ImportAsync(PlantedFolder folder)
    {
        await Import.RunAsync(folder.Path, _target.Path);
        return EncoderCard.Read(_target.Path);
    }

    private async Task RefusedAsync(PlantedFolder folder, params string[] words)
    {
        await Import.RefusedAsync(folder.Path, _target.Path, words);
        Assert.False(File.Exists(_target.PathOf(EncoderCard.FileName)));
    }

    private long[] Ids(string text)
    {
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        var tokens = encoder.Texts!.Tokenize(text);
        return tokens.Ids[..tokens.Count];
    }

    private float[] Encode(string text)
    {
        using var encoder = Encoder.Open(_target.Path, new RuntimeOptions());
        return encoder.Texts!.Encode(text)[0];
    }

    private static float[] Mean(long[] ids) => [.. Enumerable.Range(0, PlantedFolder.Width).Select(i => ids.Average(id => PlantedFolder.Word((int)id)[i]))];

    private static float[] Sum(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static bool Close(float[] a, float[] b) => a.Length == b.Length && a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6f);
}
