using System.Text;
using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The normalizers of tokenizer.json, each a function from text to text (docs/encoders.md#tokenizerjson).</summary>
internal static class Normalizers
{
    private static readonly Kinds<Func<string, string>> Kinds = new("normalizer", new Dictionary<string, Func<JsonField, Func<string, string>>>(StringComparer.Ordinal)
    {
        ["Sequence"] = field => Chain([.. field["normalizers"].Items().Select(Read)]),
        ["NFC"] = _ => text => Normalization.Of(text, NormalizationForm.FormC),
        ["NFD"] = _ => text => Normalization.Of(text, NormalizationForm.FormD),
        ["NFKC"] = _ => text => Normalization.Of(text, NormalizationForm.FormKC),
        ["NFKD"] = _ => text => Normalization.Of(text, NormalizationForm.FormKD),
        ["Lowercase"] = _ => LowerCase.OfEach,
        ["StripAccents"] = _ => text => Ascii.IsValid(text) ? text : Without(text, CharacterSets.Marks),
        ["BertNormalizer"] = field => Bert(
            field.Flag("clean_text", true), field.Flag("handle_chinese_chars", true), field.Flag("strip_accents", field.Flag("lowercase", true)), field.Flag("lowercase", true)),
        ["Strip"] = field => Strip(field.Flag("strip_left", true), field.Flag("strip_right", true)),
        ["Replace"] = Replace,
        ["Prepend"] = field => Prepend(field["prepend"].Text()),
        ["Precompiled"] = field => Precompiled(field["precompiled_charsmap"]),
        ["Nmt"] = _ => Nmt,
    });

    /// <summary>Reads a normalizer.</summary>
    public static Func<string, string> Read(JsonField field) => Kinds.Read(field);

    /// <summary>One after the other.</summary>
    public static Func<string, string> Chain(params Func<string, string>[] parts) => text =>
    {
        foreach (var part in parts) text = part(text);
        return text;
    };

    /// <summary>BERT's: control characters taken out and white space made blanks, Chinese characters apart, accents taken off, lower case.</summary>
    public static Func<string, string> Bert(bool clean, bool chinese, bool accents, bool lower)
    {
        var parts = new List<Func<string, string>>();
        if (clean) parts.Add(Clean);
        if (chinese) parts.Add(ChineseApart);
        if (accents) parts.Add(WithoutAccents);
        if (lower) parts.Add(LowerCase.OfEach);
        return Chain([.. parts]);
    }

    private static string WithoutAccents(string text) => Ascii.IsValid(text) ? text : Without(Normalization.Of(text, NormalizationForm.FormD), CharacterSets.Accents);

    private static string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (!CharacterSets.Control.Contains(rune.Value)) result.Append(Rune.IsWhiteSpace(rune) ? new Rune(' ') : rune);
        return result.ToString();
    }

    private static string ChineseApart(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (CharacterSets.Chinese.Contains(rune.Value)) result.Append(' ').Append(rune).Append(' ');
            else result.Append(rune);
        return result.ToString();
    }

    private static string Without(string text, RuneSet set)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (!set.Contains(rune.Value)) result.Append(rune);
        return result.ToString();
    }

    private static Func<string, string> Strip(bool left, bool right) => text =>
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    };

    private static Func<string, string> Prepend(string prefix) => text => text == "" ? text : prefix + text;

    private static Func<string, string> Replace(JsonField field)
    {
        var (pattern, content) = (PreTokenizers.PatternOf(field["pattern"]), field["content"].Text());
        return text =>
        {
            var matches = pattern.Matches(text);
            if (matches.Count == 0) return text;
            TextGrowth.Check(text.Length + (long)content.Length * matches.Count);
            var result = new StringBuilder(text.Length);
            var done = 0;
            foreach (var (start, end) in matches)
            {
                result.Append(text, done, start - done).Append(content);
                done = end;
            }
            return result.Append(text, done, text.Length - done).ToString();
        };
    }

    private static Func<string, string> Precompiled(JsonField field)
    {
        var text = field.Text();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count)
            ? new CharacterMap(bytes.AsSpan(0, count), field.Place).Apply
            : throw field.Fault("is no base64");
    }

    // The white space and control characters of machine translation's cleaning.
    private static string Nmt(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
            switch (c)
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F': break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD': result.Append(' '); break;
                default: result.Append(c); break;
            }
        return result.ToString();
    }
}
