using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Encoders.Folders;

namespace LmmRec.Encoders.Tests.Folders;

/// <summary>Settings that nobody would write: they are taken or refused, and never end in anything else.</summary>
public sealed class HostileSettingsTests : IDisposable
{
    private static readonly string[] Values =
        ["null", "true", "false", "0", "-1", "2.5", "1e300", "99999999999999999999", "\"\"", "\"x\"", "[]", "[null]", "[1, \"x\", 2]", "{}", "{ \"content\": [] }", "{ \"type\": null }", "{ \"height\": -1, \"width\": \"x\" }"];

    private readonly PlantedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_field_may_hold_anything()
    {
        const string config = """{ "model_type": "clip", "max_position_embeddings": 16, "vocab_size": 12, "pad_token_id": 0, "text_config": { "model_type": "x", "max_position_embeddings": 16, "vocab_size": 12, "pad_token_id": 0 } }""";
        _folder.Texts(file: "onnx/text_model.onnx").Modules(normalizes: true).Pictures(config, file: "onnx/vision_model.onnx", outputs: "image_embeds");
        var files = new Dictionary<string, string>
        {
            ["config.json"] = config,
            ["preprocessor_config.json"] = """
                { "image_processor_type": "CLIPImageProcessor", "feature_extractor_type": "x", "size": { "shortest_edge": 24 }, "crop_size": { "height": 24, "width": 16 }, "do_resize": true, "do_center_crop": true,
                  "do_rescale": true, "rescale_factor": 0.5, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "do_pad": false, "crop_pct": null, "do_flip_channel_order": false }
                """,
            ["processor_config.json"] = """{ "image_processor": null }""",
            ["tokenizer_config.json"] = """{ "pad_token": "[PAD]", "model_max_length": 16, "do_lower_case": true }""",
            ["special_tokens_map.json"] = """{ "pad_token": "[PAD]" }""",
            ["sentence_bert_config.json"] = """{ "max_seq_length": 9, "do_lower_case": false }""",
            ["config_sentence_transformers.json"] = """{ "prompts": { "q": "x" }, "default_prompt_name": "q", "truncate_dim": 3 }""",
            ["1_Pooling/config.json"] = """{ "pooling_mode": "mean", "pooling_mode_mean_tokens": true, "include_prompt": true }""",
        };
        foreach (var (name, content) in files) _folder.Write(name, content);
        Assert.Null(await FaultAsync()); // unchanged, they are taken
        foreach (var (name, content) in files)
        {
            foreach (var (field, _) in (JsonObject)JsonNode.Parse(content)!)
                foreach (var value in Values)
                {
                    var changed = (JsonObject)JsonNode.Parse(content)!;
                    changed[field] = JsonNode.Parse(value);
                    _folder.Write(name, changed.ToJsonString());
                    await FaultAsync();
                }
            foreach (var value in Values.Append("").Append("{").Append("{ \"a\": 1, \"a\": 2 }"))
            {
                _folder.Write(name, value);
                await FaultAsync();
            }
            _folder.Write(name, content);
        }
        foreach (var value in Values.Append("[[]]").Append("""[ { "type": 5 } ]""").Append("""[ { "type": "sentence_transformers.models.Pooling", "path": "../x" } ]"""))
        {
            _folder.Write("modules.json", value);
            await FaultAsync();
        }
    }

    // Anything but a refusal fails the test.
    private async Task<string?> FaultAsync()
    {
        try
        {
            _ = (await FolderCard.MakeAsync(new LocalFiles(_folder.Path), "mine", null, TestContext.Current.CancellationToken)).Draft.ToString();
            return null;
        }
        catch (InvalidInputException e)
        {
            return e.Message;
        }
    }
}
