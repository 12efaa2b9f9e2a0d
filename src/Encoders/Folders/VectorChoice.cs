using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;

namespace LmmRec.Encoders.Folders;

/// <summary>Which output of a graph is the vector, and what is done to it (docs/encoders.md#folders).</summary>
/// <param name="Output">the output's name</param>
/// <param name="Pooling">how tokens become one vector</param>
/// <param name="UnitLength">whether it is brought to length 1</param>
/// <param name="From">what says so</param>
internal sealed record VectorChoice(string Output, Pooling Pooling, bool UnitLength, string From)
{
    private const string Tokens = "last_hidden_state", Pooler = "pooler_output", Sentence = "sentence_embedding";
    private static readonly string[] OfPictures = ["image_embeds", "image_embeddings", "l2norm_image_embeddings"];
    private static readonly string[] OfTexts = ["text_embeds", "text_embeddings", "l2norm_text_embeddings"];
    private static readonly string[] TokensOfTexts = [Tokens, "token_embeddings"];

    // Models of pictures whose first token is trained to be the vector. BEiT and data2vec take the mean of the patches, and I-JEPA has no such token.
    private static readonly string[] WithFirstToken = ["vit", "deit", "dinov2", "dinov2_with_registers", "vit_msn"];

    // Models of pictures without such a token, which pool by themselves.
    private static readonly string[] WithPooler = ["convnext", "convnextv2", "resnet", "regnet", "swin", "swinv2", "mobilenet_v1", "mobilenet_v2"];

    /// <summary>Names of outputs that may be a picture's vector, the likeliest first.</summary>
    public static IReadOnlyList<string> LikelyOfPictures { get; } = [.. OfPictures, Pooler, Tokens];

    /// <summary>The same for a text's.</summary>
    public static IReadOnlyList<string> LikelyOfTexts { get; } = [.. OfTexts, Sentence, .. TokensOfTexts];

    /// <summary>The picture's vector.</summary>
    /// <param name="graph">the graph</param>
    /// <param name="config">config.json</param>
    /// <exception cref="InvalidInputException">It does not follow; the outputs are named.</exception>
    public static VectorChoice OfPicture(FolderGraph graph, Settings config)
    {
        var type = config.Text("model_type") ?? "";
        if (Named(graph, OfPictures) is { } named) return named;
        if (IsSiglip(type) && Has(graph, Pooler)) return Plain(Pooler, $"model_type {type}");
        if (WithFirstToken.Contains(type) && Has(graph, Tokens)) return Pooled(graph, Tokens, Pooling.Cls, false, $"model_type {type}: its first token");
        if (WithPooler.Contains(type) && Has(graph, Pooler)) return Plain(Pooler, $"model_type {type}");
        if (Only(graph) is { } only) return only;
        throw Undefined(graph, "picture", type, "");
    }

    /// <summary>The text's vector.</summary>
    /// <param name="graph">the graph</param>
    /// <param name="config">config.json</param>
    /// <param name="files">the folder, whose modules.json is asked for only where it matters</param>
    /// <param name="sentences">config_sentence_transformers.json</param>
    /// <param name="cancellation">ends the fetching</param>
    /// <exception cref="InvalidInputException">It does not follow; the outputs are named.</exception>
    public static async Task<VectorChoice> OfTextAsync(FolderGraph graph, Settings config, FolderFiles files, Settings sentences, CancellationToken cancellation)
    {
        var type = config.Text("model_type") ?? "";
        if (Named(graph, OfTexts) is { } named) return named;
        if (Has(graph, Sentence)) return Plain(Sentence, $"{graph.Name}, output {Sentence}");
        var tokens = Array.Find(TokensOfTexts, name => Has(graph, name));
        if (tokens is not null && await SentenceModules.ReadAsync(files, sentences, cancellation) is { } said) return Pooled(graph, tokens, said.Pooling, said.UnitLength, said.From);
        if (IsSiglip(type) && Has(graph, Pooler)) return Plain(Pooler, $"model_type {type}");
        var hasModules = await files.FindAsync(SentenceModules.FileName, cancellation) is not null;
        if (!hasModules && Only(graph) is { } only) return only;
        throw Undefined(graph, "text", type, (hasModules, tokens) switch
        {
            (true, null) => $", and {SentenceModules.FileName} makes it from tokens, which the graph does not give",
            (false, not null) => $", and there is no {SentenceModules.FileName} that says how tokens become one vector",
            _ => "",
        });
    }

    private static VectorChoice? Named(FolderGraph graph, string[] names) =>
        Array.Find(names, name => Has(graph, name)) is { } found ? Plain(found, $"{graph.Name}, output {found}") : null;

    // One vector for each item leaves no choice, unless it is scores of classes, or a pooler's: most models have one that nobody trained.
    private static VectorChoice? Only(FolderGraph graph) =>
        graph.File.Outputs is [{ IsFloat: true, Shape.Rank: 2 } only] && only.Name is not ("logits" or Pooler) ? Plain(only.Name, $"{graph.Name}, its only output") : null;

    private static VectorChoice Pooled(FolderGraph graph, string output, Pooling pooling, bool unitLength, string from) =>
        graph.File.Outputs.First(o => o.Name == output).Shape is { Rank: not 3 } shape
            ? throw new InvalidInputException($"{graph.Name}: its output {output} is {shape}, and {from} wants vectors of tokens, [n, tokens, F]; export the graph with these")
            : new(output, pooling, unitLength, from);

    private static VectorChoice Plain(string output, string from) => new(output, Pooling.None, false, from);

    private static bool Has(FolderGraph graph, string output) => graph.File.Outputs.Any(o => o.Name == output && o.IsFloat);

    private static bool IsSiglip(string type) => type is "siglip" or "siglip_vision_model" or "siglip_text_model" or "siglip2" or "siglip2_vision_model" or "siglip2_text_model";

    private static InvalidInputException Undefined(FolderGraph graph, string of, string type, string why)
    {
        var outputs = graph.File.Outputs.Select(o => o.Name).ToList();
        return new InvalidInputException(
            $"{graph.Name}: has the output{(outputs.Count == 1 ? "" : "s")} {string.Join(" and ", outputs)}; which is the {of}'s vector does not follow from model_type '{type}'{why}; "
            + "write a card that names it (onnx-models/README.md; 'lmmrec models inspect FILE.onnx' drafts one)");
    }
}
