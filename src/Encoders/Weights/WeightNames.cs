using System.Text.RegularExpressions;

namespace LmmRec.Encoders.Weights;

/// <summary>Under which names a file may hold a parameter, and what has to be done to it (spec 2.3, 3.5, 4).</summary>
internal static partial class WeightNames
{
    // Dictionaries that training code wraps weights in, and prefixes of models inside models.
    private static readonly string[] Wrappers = ["state_dict", "module", "model", "bert"];

    // OpenAI's names of CLIP's parameters and Hugging Face's; {qkv} stands for three tensors, one below the other; T: stored transposed.
    private static readonly (string OpenAi, string HuggingFace, bool Transposed)[] Clip =
    [
        ("visual.class_embedding", "vision_model.embeddings.class_embedding", false),
        ("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight", false),
        ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight", false),
        ("visual.ln_pre.$x", "vision_model.pre_layrnorm.$x", false),
        ("visual.ln_post.$x", "vision_model.post_layernorm.$x", false),
        ("visual.proj", "visual_projection.weight", true),
        ("token_embedding.weight", "text_model.embeddings.token_embedding.weight", false),
        ("positional_embedding", "text_model.embeddings.position_embedding.weight", false),
        ("ln_final.$x", "text_model.final_layer_norm.$x", false),
        ("text_projection", "text_projection.weight", true),
        ("visual.transformer.resblocks.$n.$b", "vision_model.encoder.layers.$n.$b", false),
        ("transformer.resblocks.$n.$b", "text_model.encoder.layers.$n.$b", false),
    ];

    private static readonly (string OpenAi, string HuggingFace)[] ClipBlock =
    [
        ("attn.in_proj_weight", "self_attn.{qkv}_proj.weight"),
        ("attn.in_proj_bias", "self_attn.{qkv}_proj.bias"),
        ("attn.out_proj", "self_attn.out_proj"),
        ("ln_1", "layer_norm1"),
        ("ln_2", "layer_norm2"),
        ("mlp.c_fc", "mlp.fc1"),
        ("mlp.c_proj", "mlp.fc2"),
    ];

    /// <summary>The name without what training code put before it.</summary>
    public static string Bare(string name)
    {
        while (Array.Find(Wrappers, w => name.StartsWith(w + ".", StringComparison.Ordinal)) is { } wrapper) name = name[(wrapper.Length + 1)..];
        return name;
    }

    /// <summary>Tensors that files carry and no encoder needs, such as tables of positions 0, 1, 2, ….</summary>
    public static bool IsIgnored(string name) => Ignored().IsMatch(name);

    /// <summary>Whether a parameter is a table of the positions of patches, class token first.</summary>
    public static bool IsPatchPositions(string parameter) => parameter is "visual.positional_embedding" or "transformer.pos_embed";

    /// <summary>Hugging Face's names of one of CLIP's parameters: one, or three to be put one below the other; and whether they are transposed.</summary>
    /// <returns>Null for a parameter that has no other name.</returns>
    public static (string[] Names, bool Transposed)? HuggingFace(string parameter)
    {
        foreach (var (openAi, huggingFace, transposed) in Clip)
        {
            var pattern = "^" + Regex.Escape(openAi).Replace("\\$x", "(?<x>weight|bias)").Replace("\\$n", "(?<n>[0-9]+)").Replace("\\$b", "(?<b>.+)") + "$";
            if (Regex.Match(parameter, pattern) is not { Success: true } match) continue;
            var name = huggingFace.Replace("$x", match.Groups["x"].Value).Replace("$n", match.Groups["n"].Value).Replace("$b", Block(match.Groups["b"].Value));
            string[] names = name.Contains("{qkv}") ? [.. "qkv".Select(c => name.Replace("{qkv}", c.ToString()))] : [name];
            return (names, transposed);
        }
        return null;
    }

    private static string Block(string part)
    {
        var (openAi, huggingFace) = Array.Find(ClipBlock, p => part.StartsWith(p.OpenAi, StringComparison.Ordinal));
        return openAi is null ? part : huggingFace + part[openAi.Length..];
    }

    [GeneratedRegex(@"(^|\.)(position_ids|input_resolution|context_length|vocab_size|relative_position_index)$")]
    private static partial Regex Ignored();
}
