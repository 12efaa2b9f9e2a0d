using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>A folder of HuggingFace's kind, with a graph small enough to be worked out by hand.</summary>
internal sealed class PlantedFolder : IDisposable
{
    /// <summary>Rows of the table of words.</summary>
    public const int Words = 12;

    /// <summary>Numbers of a word.</summary>
    public const int Width = 4;

    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "mug", "blue", "shirt", "##s", "query", ":", "Red"];

    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>The numbers of the word <paramref name="id"/>.</summary>
    public static float[] Word(int id) => [.. Enumerable.Range(0, Width).Select(i => MathF.Sin(id * 7 + i * 3))];

    /// <summary>The ids that its tokenizer gives these words of its vocabulary, markers included.</summary>
    public static long[] Ids(params string[] words) => [2, .. words.Select(word => (long)Array.IndexOf(Vocabulary, word)), 3];

    public void Dispose() => _folder.Dispose();

    public PlantedFolder Write(string name, string content)
    {
        var path = _folder.PathOf(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return this;
    }

    public byte[] Bytes(string name) => File.ReadAllBytes(_folder.PathOf(name));

    /// <summary>Takes a file away again.</summary>
    public PlantedFolder Without(string name)
    {
        File.Delete(_folder.PathOf(name));
        return this;
    }

    /// <summary>A sentence encoder: each token's vector is its word's and the mean of all real ones.</summary>
    /// <param name="config">config.json</param>
    /// <param name="file">the graph's name</param>
    /// <param name="output">its output</param>
    /// <param name="hasMask">whether it takes a mask; else padding, id 0, is seen</param>
    /// <param name="words">rows of its table</param>
    /// <param name="position">the token that every token's vector has in it, too, by its place; null: none</param>
    /// <param name="bad">what stands in the table at padding and everywhere else by chance</param>
    /// <param name="hidesTable">whether ids are worked on before they meet the table, so that its rows cannot be told</param>
    /// <param name="positions">rows of a table that the last real token's place picks from; null: there is none</param>
    /// <param name="means">whether the output is one vector for each text, whatever its name</param>
    /// <param name="weightsBeside">whether its weights lie in a file of their own</param>
    public PlantedFolder Texts(
        string config = """{ "model_type": "bert", "max_position_embeddings": 16 }""", string file = "onnx/model.onnx", string output = "last_hidden_state", bool hasMask = true, int words = Words,
        int? position = null, float? bad = null, bool hidesTable = false, int? positions = null, bool means = false, bool weightsBeside = false)
    {
        var graph = new Graph("texts");
        var ids = graph.Input("input_ids", ElementType.Int64, ["n", "t"]);
        var table = graph.Parameter("words", TensorData.Of([.. Enumerable.Range(0, words).SelectMany(Word).Select(v => bad ?? v)], words, Width));
        var tokens = table[hidesTable ? ids + graph.Integers(0) : ids];                                                            // [n, t, W]
        var real = hasMask ? graph.Input("attention_mask", ElementType.Int64, ["n", "t"]).Cast(ElementType.Float32).Unsqueeze(2) : null; // [n, t, 1]
        var mean = real is null ? tokens.ReduceMean([1], keepDims: true) : (tokens * real).ReduceSum([1], keepDims: true) / real.ReduceSum([1], keepDims: true);
        var hidden = tokens + mean;
        if (position is not null) hidden += tokens.Transpose(1, 0, 2)[graph.Constant(TensorData.Of([(long)position], 1))].Transpose(1, 0, 2);
        if (positions is { } places) hidden += graph.Parameter("places", TensorData.Zeros(ElementType.Float32, [places, Width]))[(real!.ReduceSum([1]) - 1).Cast(ElementType.Int64)];
        graph.Output(output, output switch
        {
            "last_hidden_state" or "token_embeddings" when !means => hidden,
            "text_embeds" => hidden.Slice(1, -1).Squeeze(1), // of the last position
            _ => hidden.ReduceMean([1]),
        });
        Save(graph, file, weightsBeside ? 0 : long.MaxValue);
        Write("config.json", config);
        Write("tokenizer_config.json", """{ "pad_token": "[PAD]", "model_max_length": 1000000000000000019884624838656 }""");
        return Write("tokenizer.json", Tokenizer(lowers: true));
    }

    /// <summary>What sentence-transformers says beside it.</summary>
    public PlantedFolder Modules(string pooling = """{ "pooling_mode_mean_tokens": true }""", bool normalizes = false, string more = "")
    {
        var normalize = normalizes ? """, { "idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize" }""" : "";
        Write("modules.json", $$"""
            [ { "idx": 0, "path": "", "type": "sentence_transformers.models.Transformer" },
              { "idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling" }{{normalize}}{{more}} ]
            """);
        return Write("1_Pooling/config.json", pooling);
    }

    /// <summary>An encoder of pictures: the mean of each channel, and of each row.</summary>
    /// <param name="config">config.json</param>
    /// <param name="settings">preprocessor_config.json; null: none</param>
    /// <param name="file">the graph's name</param>
    /// <param name="outputs">its outputs</param>
    public PlantedFolder Pictures(
        string config = """{ "model_type": "vit" }""", string? settings = """{ "image_processor_type": "ViTImageProcessor", "size": { "height": 24, "width": 16 } }""", string file = "onnx/model.onnx",
        params string[] outputs)
    {
        var graph = new Graph("pictures");
        var pixels = graph.Input("pixel_values", ElementType.Float32, ["n", 3, "h", "w"]);
        foreach (var output in outputs)
            graph.Output(output, output switch
            {
                "last_hidden_state" => pixels.ReduceMean([3]).Transpose(0, 2, 1),                          // [n, h, 3]
                "pooler_output" => pixels.ReduceMax([2, 3], keepDims: true),                               // [n, 3, 1, 1]
                _ => pixels.ReduceMean([2, 3]),                                                            // [n, 3]
            });
        Save(graph, file);
        if (settings is not null) Write("preprocessor_config.json", settings);
        return Write("config.json", config);
    }

    /// <summary>A graph of pictures of one size: their mean over the two axes of the sizes that are not 3 at the end or the beginning.</summary>
    public PlantedFolder Pixels(int first, int second, int third)
    {
        var graph = new Graph("pictures");
        graph.Output("features", graph.Input("pixel_values", ElementType.Float32, ["n", first, second, third]).ReduceMean(third == 3 ? [1, 2] : [2, 3]));
        Save(graph, "onnx/model.onnx");
        return this;
    }

    /// <summary>A tokenizer.json of word pieces.</summary>
    public static string Tokenizer(bool lowers) => $$"""
        { "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [{{string.Join(", ", Vocabulary.Take(4).Index().Select(t => $$"""{ "id": {{t.Index}}, "content": "{{t.Item}}", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true }"""))}}],
          "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": {{(lowers ? "true" : "false")}} },
          "pre_tokenizer": { "type": "BertPreTokenizer" },
          "post_processor": { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } } ], "pair": [],
            "special_tokens": { "[CLS]": { "id": "[CLS]", "ids": [2], "tokens": ["[CLS]"] }, "[SEP]": { "id": "[SEP]", "ids": [3], "tokens": ["[SEP]"] } } },
          "decoder": null,
          "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": { {{string.Join(", ", Vocabulary.Index().Select(w => $"\"{w.Item}\": {w.Index}"))}} } } }
        """;

    private void Save(Graph graph, string file, long maxInlineBytes = long.MaxValue)
    {
        var path = _folder.PathOf(file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        graph.Save(path, maxInlineBytes: maxInlineBytes);
    }
}
