using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>Splits a piece of a text, and perhaps rewrites it.</summary>
/// <param name="piece">the piece; it is not empty</param>
/// <param name="startsText">whether it begins where the text does</param>
/// <param name="result">where its parts are added</param>
internal delegate void PreTokenizer(ReadOnlySpan<char> piece, bool startsText, Pieces result);

/// <summary>The pre-tokenizers of tokenizer.json (docs/encoders.md#tokenizerjson); a sequence is several, to be run in turn.</summary>
internal static class PreTokenizers
{
    /// <summary>GPT-2's pattern: endings such as 's, letters, numbers and other characters with the blank before them, white space but for the last blank.</summary>
    public const string Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>BERT's: at white space, which goes, and around punctuation.</summary>
    public static PreTokenizer[] Bert { get; } = [Splits.At(CharacterSets.White, SplitBehavior.Removed), Splits.At(CharacterSets.Punctuation, SplitBehavior.Isolated)];

    private static readonly Kinds<PreTokenizer[]> Kinds = new("pre_tokenizer", new Dictionary<string, Func<JsonField, PreTokenizer[]>>(StringComparer.Ordinal)
    {
        ["Sequence"] = field => [.. field["pretokenizers"].Items().SelectMany(Read)],
        ["Whitespace"] = _ => [WordsAndOthers],
        ["WhitespaceSplit"] = _ => [Splits.At(CharacterSets.White, SplitBehavior.Removed)],
        ["BertPreTokenizer"] = _ => Bert,
        ["Punctuation"] = field => [Splits.At(CharacterSets.Punctuation, Behavior(field.Find("behavior"), SplitBehavior.Isolated))],
        ["Digits"] = field => [Splits.At(CharacterSets.Numbers, field.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous)],
        ["Split"] = field => [Splits.At(PatternOf(field["pattern"]), Behavior(field["behavior"], SplitBehavior.Isolated), field.Flag("invert", false))],
        ["ByteLevel"] = ByteLevel,
        ["Metaspace"] = Metaspace,
    });

    /// <summary>Reads a pre-tokenizer.</summary>
    public static PreTokenizer[] Read(JsonField field) => Kinds.Read(field);

    /// <summary>Reads the pattern that a normalizer or a pre-tokenizer looks for: a text or a regular expression.</summary>
    public static Pattern PatternOf(JsonField field) => field.Find("String") is { } literal
        ? Pattern.Literal(literal.Text(), literal.Place)
        : new Pattern(field["Regex"].Text(), field["Regex"].Place);

    private static SplitBehavior Behavior(JsonField? field, SplitBehavior absent) => field is not { } named ? absent
        : Enum.TryParse<SplitBehavior>(named.Text(), out var behavior) && Enum.IsDefined(behavior) && !char.IsAsciiDigit(named.Text()[0]) ? behavior
        : throw named.Fault($"is '{named.Text()}'; allowed are {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    // Runs of letters, digits and marks, and runs of what is neither these nor white space.
    private static void WordsAndOthers(ReadOnlySpan<char> piece, bool startsText, Pieces result)
    {
        for (int at = 0, end, length; at < piece.Length; at = end)
        {
            var kind = KindAt(piece, at, out length);
            for (end = at + length; end < piece.Length && KindAt(piece, end, out length) == kind; end += length) { }
            if (kind != 0) result.Add(piece[at..end], startsText && at == 0);
        }

        static int KindAt(ReadOnlySpan<char> text, int at, out int length)
        {
            var code = RuneSet.At(text, at, out length);
            return CharacterSets.White.Contains(code) ? 0 : CharacterSets.Word.Contains(code) ? 1 : 2;
        }
    }

    private static PreTokenizer[] ByteLevel(JsonField field)
    {
        var leadingBlank = field.Flag("add_prefix_space", true);
        var words = field.Flag("use_regex", true) ? Splits.At(new Pattern(Words, field.Place), SplitBehavior.Isolated, invert: false) : null;
        PreTokenizer blank = (piece, startsText, result) =>
        {
            if (piece[0] != ' ') result.Append(" ");
            result.Add(piece, startsText);
        };
        return [.. new[] { leadingBlank ? blank : null, words, ByteLetters.Write }.OfType<PreTokenizer>()];
    }

    private static PreTokenizer[] Metaspace(JsonField field)
    {
        var mark = field["replacement"].Text();
        if (mark.Length != 1) throw field["replacement"].Fault("is not one character");
        var scheme = field.Find("prepend_scheme")?.Text() ?? (field.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never")) throw field["prepend_scheme"].Fault($"is '{scheme}'; allowed are always, first and never");
        PreTokenizer write = (piece, startsText, result) =>
        {
            if ((scheme == "always" || (scheme == "first" && startsText)) && piece[0] != ' ' && piece[0] != mark[0]) result.Append(mark);
            foreach (var c in piece) result.Append(c == ' ' ? mark : [c]);
            result.EndPiece(startsText);
        };
        return field.Flag("split", true) ? [write, Splits.Before(mark[0])] : [write];
    }
}
