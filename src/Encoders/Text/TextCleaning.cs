using System.ComponentModel.DataAnnotations;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>What is done to a text before it is split into tokens, whatever the vocabulary.</summary>
public sealed record TextCleaning
{
    /// <summary>How many times HTML entities are resolved; shops' texts are often escaped twice (<c>&amp;amp;amp;</c>).</summary>
    [Range(0, 2)]
    public int Unescape { get; init; } = 1;

    /// <summary>Whether typographic quotes become plain, full-width forms half-width, and control characters go: the part of ftfy that matters
    /// for product texts (spec 2.5).</summary>
    public bool Repair { get; init; }

    /// <summary>The cleaned text; the text itself where nothing is to do.</summary>
    public string Clean(string text)
    {
        if (Repair) text = Repaired(text);
        for (var i = 0; i < Unescape && text.Contains('&'); i++) text = HtmlEntities.Resolve(text);
        return text;
    }

    private static string Repaired(string text)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.Contains('\x7F')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsControl(c) && c is not ('\t' or '\n' or '\r')) continue;
            result.Append(c switch
            {
                >= '\u2018' and <= '\u201B' => '\'',
                >= '\u201C' and <= '\u201F' => '"',
                >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
                '\u3000' => ' ',
                _ => c,
            });
        }
        return result.ToString();
    }
}
