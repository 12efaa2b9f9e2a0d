using LmmRec.Artifacts;
using LmmRec.Encoders.Text.Tokenizers;

namespace LmmRec.Encoders.Text;

/// <summary>
/// BERT's uncased tokenizer by its bare vocabulary (docs/encoders.md#word-pieces), as Hugging Face's tokenizers have it: lower case without accents,
/// split at white space, punctuation and around Chinese characters, then the longest pieces that the vocabulary knows, those inside a word written
/// <c>##piece</c>. Padding is <c>[PAD]</c>; it and the other markers are themselves in a text too.
/// </summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    private const int LongestWord = 100; // characters; a longer word is unknown as a whole. BERT's own code says 200
    private const string Prefix = "##", Mask = "[MASK]";
    private static readonly string[] Markers = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", Mask];

    private readonly TokenPipeline _pipeline;

    /// <summary>Reads a vocabulary, one piece a line; a piece's id is its line.</summary>
    /// <param name="lines">the lines of a <c>vocab.txt</c></param>
    /// <param name="cleaning">what is done to a text first</param>
    /// <exception cref="InvalidInputException">A marker is missing.</exception>
    public WordPieceTokenizer(IReadOnlyList<string> lines, TextCleaning cleaning)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < lines.Count; id++) vocabulary[lines[id]] = id;
        _pipeline = new TokenPipeline(
            Normalizers.Bert(clean: true, chinese: true, accents: true, lower: true),
            PreTokenizers.Bert,
            new WordPieces(vocabulary, Marker("[UNK]"), Prefix, LongestWord),
            new Template([Marker("[CLS]")], [Marker("[SEP]")]),
            [.. Markers.Where(vocabulary.ContainsKey).Select(marker => new AddedToken(marker, vocabulary[marker]))]) // not every vocabulary has [MASK]
        {
            Cleaning = cleaning,
            Padding = Marker("[PAD]"),
        };
        VocabularySize = lines.Count;
        Pieces = new WordPieceVocabulary(lines, Markers, Mask, Prefix);

        int Marker(string marker) => vocabulary.TryGetValue(marker, out var id)
            ? id
            : throw new InvalidInputException($"vocabulary: {marker} is missing; allowed is BERT's vocab.txt, one piece a line");
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <summary>What its ids are.</summary>
    public WordPieceVocabulary Pieces { get; }

    /// <inheritdoc/>
    public int Encode(string text, Span<long> ids) => _pipeline.Encode(text, ids);
}
