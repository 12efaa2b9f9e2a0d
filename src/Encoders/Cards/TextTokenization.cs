using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Cards;

/// <summary>The kinds of tokenizers.</summary>
public enum TokenizerKind
{
    /// <summary>CLIP's byte-pair encoding; the file holds its merges.</summary>
    BytePair,

    /// <summary>BERT's uncased word pieces; the file holds one a line.</summary>
    WordPiece,

    /// <summary>What a <c>tokenizer.json</c> of Hugging Face's tokenizers describes (docs/encoders.md#tokenizerjson).</summary>
    Json,

    /// <summary>A <c>.model</c> file of SentencePiece of Llama's type (docs/encoders.md#other-vocabularies).</summary>
    SentencePiece,

    /// <summary>One of OpenAI's <c>.tiktoken</c> files (docs/encoders.md#other-vocabularies).</summary>
    Tiktoken,
}

/// <summary>How many tokens an encoder's graph gets of a short text (docs/encoders.md#lengths-of-texts).</summary>
public enum Padding
{
    /// <summary>Always as many as the context length, filled up with padding.</summary>
    Full,

    /// <summary>One of a few lengths, as the vector is the same at each.</summary>
    Free,
}

/// <summary>How an encoder's texts become token ids.</summary>
public sealed record TextTokenization : IChecked
{
    /// <summary>The longest context length, in tokens.</summary>
    public const int MostTokens = 8192;

    /// <summary>The kind of tokenizer.</summary>
    public TokenizerKind Tokenizer { get; init; }

    /// <summary>The vocabulary's file in the card's folder; with the ending .gz it is compressed.</summary>
    [Required]
    public string File { get; init; } = "";

    /// <summary>Ids in the vocabulary; the embedding table has as many rows, or more.</summary>
    [Required, Range(5, 10_000_000)]
    public int Vocabulary { get; init; }

    /// <summary>Context length in tokens, markers included; shorter texts are padded, longer ones lose their end.</summary>
    [Required, Range(3, MostTokens)]
    public int Length { get; init; }

    /// <summary>How far shorter texts are padded; null: freely where the architecture does not see padding or the graph is given a mask, else fully.</summary>
    public Padding? Padding { get; init; }

    /// <summary>The id of padding; null: the tokenizer's own.</summary>
    [Range(0, 10_000_000)]
    public int? PadId { get; init; }

    /// <summary>What is put before every text, such as <c>query: </c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether texts become lower case before a tokenizer.json normalises them, as do_lower_case of a tokenizer_config.json says.</summary>
    public bool Lowercase { get; init; }

    /// <summary>What is done to a text first.</summary>
    public TextCleaning Cleaning { get; init; } = new();

    /// <summary>Where the vocabulary can be had, tried in turn; none where it comes with the card.</summary>
    [OneOrMore]
    public IReadOnlyList<FileSource> Source { get; init; } = [];

    // An import writes the vocabulary under this name.
    private static readonly string[] Taken = [EncoderCard.FileName, Encoder.VisualFile, Encoder.TextualFile, Encoder.WeightsFile];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (File != "" && (!BareFileName.Is(File) || Taken.Contains(File, StringComparer.OrdinalIgnoreCase)))
            yield return ("file", $"'{File}' is not allowed; the vocabulary is a file in the card's folder, other than {string.Join(", ", Taken)}");
        if (Lowercase && Tokenizer != TokenizerKind.Json) yield return ("lowercase", "is not allowed: only a tokenizer of the kind json leaves it open");
        if (PadId >= Vocabulary && Vocabulary > 0) yield return ("padId", $"{PadId} is beyond the vocabulary of {Vocabulary} ids");
    }

    /// <summary>Makes the tokenizer from the vocabulary in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidInputException">The vocabulary is missing or has another size than the card says.</exception>
    public ITokenizer Open(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            throw new InvalidInputException($"{path}: the vocabulary is not there; fetch it with 'lmmrec models import {folder} …'{(Source.Count == 0 ? "" : $" or from {string.Join(" or ", Source)}")}");
        ITokenizer tokenizer = Tokenizer switch
        {
            TokenizerKind.BytePair => new BytePairTokenizer(VocabularyFile.ReadLines(path), Cleaning, BytePairTokenizer.MergesOf(Vocabulary)),
            TokenizerKind.WordPiece => new WordPieceTokenizer(VocabularyFile.ReadLines(path), Cleaning),
            TokenizerKind.Json => JsonTokenizer.Read(path, Lowercase, Cleaning),
            TokenizerKind.SentencePiece => SentencePieceFile.Read(path, Cleaning),
            _ => TiktokenFile.Read(path, Cleaning),
        };
        return tokenizer.VocabularySize == Vocabulary
            ? tokenizer
            : throw new InvalidInputException($"{path}: holds {tokenizer.VocabularySize} ids; the card says {Vocabulary}");
    }
}
