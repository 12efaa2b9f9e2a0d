using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Encoders.Text.Characters;
using LmmRec.Encoders.Text.Tokenizers;

namespace LmmRec.Encoders.Text;

/// <summary>
/// Reads OpenAI's <c>.tiktoken</c> files (docs/encoders.md#other-vocabularies): a line per token, its bytes as base64 and its rank, which is its id too. How a
/// text is split the file does not say; it follows from how many tokens there are.
/// </summary>
internal static class TiktokenFile
{
    private const string Gpt2 = PreTokenizers.Words;

    private const string Cl100k = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string O200k = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<int, string> Patterns = new() { [50_256] = Gpt2, [50_280] = Gpt2, [100_256] = Cl100k, [199_998] = O200k };

    /// <exception cref="InvalidInputException">The file is damaged, or no vocabulary of OpenAI's.</exception>
    public static ITokenizer Read(string path, TextCleaning cleaning)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal); // bytes are written as letters
        var lines = VocabularyFile.ReadLines(path);
        for (var i = 0; i < lines.Count; i++)
        {
            var bytes = new byte[lines[i].Length];
            if (lines[i].TrimEnd('\r').Split(' ') is not [var token, var rank] || !Convert.TryFromBase64String(token, bytes, out var length) || !int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id > 10_000_000 || length == 0 || !vocabulary.TryAdd(ByteLetters.Of(bytes.AsSpan(0, length)), id))
                throw new InvalidInputException($"{path}: line {i + 1} is no token of its own in base64 and its rank, parted by one blank");
        }
        if (!Patterns.TryGetValue(vocabulary.Count, out var pattern))
            throw new InvalidInputException($"{path}: has {vocabulary.Count} tokens; allowed are the vocabularies r50k (50,256), p50k (50,280), cl100k (100,256) and o200k (199,998): make a tokenizer.json of others");
        return new TokenPipeline(
            text => text,
            [Splits.At(new Pattern(pattern, path), SplitBehavior.Isolated, invert: false), ByteLetters.Write],
            new BytePairs(vocabulary, Merges.Of(vocabulary, vocabulary), new BytePairRules { IgnoreMerges = true }),
            new Template([], []),
            [])
        { Cleaning = cleaning };
    }
}
