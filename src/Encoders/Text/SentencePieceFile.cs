using Google.Protobuf;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Text.Tokenizers;

namespace LmmRec.Encoders.Text;

/// <summary>Reads SentencePiece's <c>.model</c> files of Llama's type: byte pairs without normalisation (docs/encoders.md#other-vocabularies).</summary>
internal static class SentencePieceFile
{
    private const int BytePairType = 2, Normal = 1, Unknown = 2, UserDefined = 4;
    private const string Blank = "\u2581";

    /// <exception cref="InvalidInputException">The file is damaged, or of another type.</exception>
    public static ITokenizer Read(string path, TextCleaning cleaning)
    {
        var model = Parse(path);
        var rule = model.Normalization ?? new();
        if (model.Training?.ModelType != BytePairType || rule.CharacterMap.Length > 0 || rule.RemoveExtraWhitespaces || !rule.EscapeWhitespaces)
            throw new InvalidInputException($"{path}: is no SentencePiece model of Llama's type (byte pairs without normalisation), which alone is read; make a tokenizer.json of it with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < model.Pieces.Count; id++)
            if (!vocabulary.TryAdd(model.Pieces[id].Text, id)) throw new InvalidInputException($"{path}: the piece '{model.Pieces[id].Text}' is there twice, as {vocabulary[model.Pieces[id].Text]} and {id}");
        var unknown = model.Pieces.FirstOrDefault(piece => piece.Type == Unknown) ?? throw new InvalidInputException($"{path}: no piece stands for what is unknown");
        var ranks = model.Pieces.Where(piece => piece.Type == Normal).OrderByDescending(piece => piece.Score).Select((piece, rank) => (piece.Text, rank)).ToDictionary(StringComparer.Ordinal);
        return new TokenPipeline(
            text => (rule.AddDummyPrefix && text != "" ? Blank : "") + text.Replace(" ", Blank, StringComparison.Ordinal),
            [],
            new BytePairs(vocabulary, Merges.Of(vocabulary, ranks), new BytePairRules { Unknown = vocabulary[unknown.Text], FuseUnknown = true, ByteFallback = model.Training.ByteFallback }),
            new Template(vocabulary.TryGetValue("<s>", out var start) ? [start] : [], []),
            [.. model.Pieces.Where(piece => piece.Type == UserDefined).Select(piece => new AddedToken(piece.Text, vocabulary[piece.Text]))])
        { Cleaning = cleaning };
    }

    private static SentencePieceModel Parse(string path)
    {
        StandIn.Refuse(path);
        try
        {
            using var file = File.OpenRead(path);
            return SentencePieceModel.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidInputException($"{path}: is no SentencePiece model, or damaged: {e.Message}", e);
        }
    }
}
