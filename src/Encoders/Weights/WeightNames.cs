using System.Text.RegularExpressions;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Weights;

/// <summary>
/// Under which names a file holds the parameters of an encoder, and what has to be done to them (docs/encoders.md). Training code and models
/// inside models put a prefix before them all (<c>state_dict.module.</c>, <c>_orig_mod.</c>, <c>tower/</c>), whatever it is called.
/// </summary>
internal sealed partial class WeightNames
{
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

    private readonly Dictionary<string, (string[] Names, bool Transposed)[]> _alternatives;
    private readonly HashSet<string> _file;
    private readonly string[] _required;

    /// <param name="parameters">names of the encoder's parameters</param>
    /// <param name="file">names of the file's tensors</param>
    /// <param name="isOptional">whether a parameter may be missing</param>
    public WeightNames(IReadOnlyList<string> parameters, IEnumerable<string> file, Func<string, bool> isOptional)
    {
        _alternatives = parameters.ToDictionary(p => p, p => Alternatives(p).ToArray(), StringComparer.Ordinal);
        _file = file.ToHashSet(StringComparer.Ordinal);
        _required = [.. parameters.Where(p => !isOptional(p))];
    }

    /// <summary>What stands before the names of all parameters; where it does so for none of the file's models, what does for most parameters.</summary>
    /// <param name="chosen">what the user says it is; null: nothing is said</param>
    /// <param name="what">what messages call the file</param>
    /// <exception cref="InvalidInputException">The file holds several models of these parameters, or none below the chosen prefix.</exception>
    public string Prefix(string? chosen, string what)
    {
        var candidates = Candidates().Select(prefix => (Prefix: prefix, Found: _required.Count(p => Find(p, prefix) is not null))).ToList();
        var whole = candidates.Where(c => c.Found == _required.Length).Select(c => c.Prefix).ToList();
        if (chosen is not null && candidates.All(c => c.Prefix != chosen) && whole.Count > 0)
            throw new InvalidInputException($"{what}: has no parameter of this card under --prefix '{chosen}'; {(whole is [""] ? "leave out --prefix: nothing stands before their names" : $"what fits this card begins with {Shown("or")}")}");
        if (chosen is not null) return chosen;
        if (whole.Count > 1) throw new InvalidInputException($"{what}: holds {whole.Count} models that fit this card, their names beginning with {Shown("and")}; choose one with --prefix");
        return candidates.OrderByDescending(c => c.Found).Select(c => c.Prefix).FirstOrDefault("");

        string Shown(string word) => string.Join($" {word} ", whole.Select(p => p.Length > 0 ? $"'{p}'" : "nothing"));
    }

    /// <summary>The file's names of a parameter below a prefix: one, or three to be put one below the other; and whether they are transposed.</summary>
    /// <returns>Null where the file has none.</returns>
    public (string[] Names, bool Transposed)? Find(string parameter, string prefix)
    {
        foreach (var (names, transposed) in _alternatives[parameter])
        {
            var inFile = Array.ConvertAll(names, name => prefix + name);
            if (Array.TrueForAll(inFile, _file.Contains)) return (inFile, transposed);
        }
        return null;
    }

    // Whatever stands before the name of some parameter, the shortest first.
    private IEnumerable<string> Candidates()
    {
        var known = _required.SelectMany(p => _alternatives[p]).SelectMany(a => a.Names).ToHashSet(StringComparer.Ordinal);
        var prefixes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _file)
            for (var at = 0; at < name.Length; at++)
                if (known.Contains(name[at..])) prefixes.Add(name[..at]);
        return prefixes.OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal);
    }

    // The authors' own name, that of the first BERT, Hugging Face's.
    private static IEnumerable<(string[] Names, bool Transposed)> Alternatives(string parameter)
    {
        yield return ([parameter], false);
        foreach (var (now, then) in new[] { ("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta") })
            if (parameter.EndsWith(now, StringComparison.Ordinal)) yield return ([parameter[..^now.Length] + then], false);
        if (HuggingFace(parameter) is { } other) yield return other;
    }

    /// <summary>Tensors that files carry and no encoder needs, such as tables of positions 0, 1, 2, ….</summary>
    public static bool IsIgnored(string name) => Ignored().IsMatch(name);

    /// <summary>Whether a parameter is a table of the positions of patches, class token first.</summary>
    public static bool IsPatchPositions(string parameter) => parameter is "visual.positional_embedding" or "transformer.pos_embed";

    // Null for a parameter that is none of CLIP's.
    private static (string[] Names, bool Transposed)? HuggingFace(string parameter)
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
