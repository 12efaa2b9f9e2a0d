using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Text.Tokenizers;

namespace LmmRec.Encoders.Text;

/// <summary>
/// The tokenizer that a <c>tokenizer.json</c> of Hugging Face's tokenizers describes (docs/encoders.md#tokenizerjson). It pads with the id that
/// the file says, else with 0; how far is the caller's, and so is the length that a text is cut to.
/// </summary>
public sealed class JsonTokenizer : ITokenizer
{
    private readonly TokenPipeline _pipeline;
    private readonly ITokenModel _model;
    private readonly IReadOnlyList<AddedToken> _added;

    private JsonTokenizer(JsonField file, bool lowercase, TextCleaning? cleaning)
    {
        _model = Models.Read(file["model"]);
        _added = ReadAdded(file.Find("added_tokens"), _model);
        var normalize = file.Find("normalizer") is { } normalizer ? Normalizers.Read(normalizer) : text => text;
        var split = file.Find("pre_tokenizer") is { } splitter ? PreTokenizers.Read(splitter) : [];
        _pipeline = new TokenPipeline(lowercase ? Normalizers.Chain(LowerCase.OfEach, normalize) : normalize, split, _model, Template.Read(file.Find("post_processor")), _added)
        {
            Cleaning = cleaning,
            Padding = file.Find("padding")?.Find("pad_id")?.Count() ?? 0,
        };
    }

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <param name="path">the file</param>
    /// <param name="lowercase">whether texts become lower case before they are normalised, as do_lower_case of a tokenizer_config.json says</param>
    /// <param name="cleaning">what is done to a text first; null: nothing</param>
    /// <exception cref="InvalidInputException">The file is damaged, or has a part that is not supported.</exception>
    public static JsonTokenizer Read(string path, bool lowercase = false, TextCleaning? cleaning = null)
    {
        StandIn.Refuse(path);
        try
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
            return new JsonTokenizer(new JsonField(json.RootElement, path, ""), lowercase, cleaning);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path}: is no JSON: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public int VocabularySize => _pipeline.VocabularySize;

    /// <summary>The id of a token, such as [PAD]; null: there is none.</summary>
    public int? IdOf(string token) => _model.Vocabulary.TryGetValue(token, out var id) ? id : _added.FirstOrDefault(added => added.Content == token)?.Id;

    /// <inheritdoc/>
    public int Encode(string text, Span<long> ids) => _pipeline.Encode(text, ids);

    // Tokens that the model lacks are numbered from its end on.
    private static List<AddedToken> ReadAdded(JsonField? field, ITokenModel model)
    {
        var tokens = new List<AddedToken>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = model.Vocabulary.Count;
        foreach (var item in field?.Items() ?? [])
        {
            var content = item["content"].Text();
            if (content == "") continue;
            if (!model.Vocabulary.TryGetValue(content, out var id) && !names.TryGetValue(content, out id)) names[content] = id = next++;
            if (item["id"].Count() != id) throw item["id"].Fault($"is {item["id"].Count()}, but '{content}' is {id} by the vocabulary and the order of the added tokens; export the tokenizer again");
            tokens.Add(new AddedToken(content, id, item.Flag("single_word", false), item.Flag("lstrip", false), item.Flag("rstrip", false), item.Flag("normalized", !item.Flag("special", false))));
        }
        return tokens;
    }
}
