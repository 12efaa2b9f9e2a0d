using System.Buffers;
using System.Text;
using LmmRec.Encoders.Text;

namespace LmmRec.Ingest.Texts;

/// <summary>The words of a field that may hold HTML. What else there is to clean is the tokenizer's, which does it as its model was trained.</summary>
internal static class PlainText
{
    private static readonly SearchValues<char> Special =
        SearchValues.Create([.. Enumerable.Range(0, 0x100).Select(c => (char)c).Where(c => char.IsControl(c) || c is '&' or '<')]);

    /// <summary>
    /// Entities resolved once (<c>&amp;amp;lt;</c> is <c>&amp;lt;</c>), then control characters out, those that part words made blanks, then tags out
    /// as <see cref="Markup"/> says. Takes time linear in the length, whatever the text.
    /// </summary>
    public static string Of(string field) =>
        field.AsSpan().ContainsAny(Special) ? new Markup(WithoutControls(HtmlEntities.Resolve(field))).WithoutTags() : field;

    private static string WithoutControls(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsControl(c)) kept.Append(c);
            else if (char.IsWhiteSpace(c)) kept.Append(' ');
        }
        return kept.ToString();
    }
}
