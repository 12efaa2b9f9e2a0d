using System.Collections;
using System.Globalization;
using System.Net;

namespace LmmRec.Evaluate.Report;

/// <summary>A piece of HTML. Whatever is put into a template is encoded, unless it is HTML already.</summary>
internal readonly record struct Html(string Text)
{
    /// <summary>
    /// Fills a template: <c>Html.Of($"&lt;td&gt;{name}&lt;/td&gt;")</c>. Lists of HTML are put one after the other; numbers are written the same
    /// everywhere.
    /// </summary>
    public static Html Of(FormattableString template) => new(string.Format(Encoder.Instance, template.Format, template.GetArguments()));

    /// <summary>The text of the template where <paramref name="condition"/> holds, else nothing.</summary>
    public static Html If(bool condition, FormattableString template) => condition ? Of(template) : default;

    public override string ToString() => Text ?? "";

    private sealed class Encoder : IFormatProvider, ICustomFormatter
    {
        public static readonly Encoder Instance = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? argument, IFormatProvider? formatProvider) => argument switch
        {
            Html html => html.ToString(),
            IEnumerable<Html> list => string.Concat(list),
            string text => WebUtility.HtmlEncode(text),
            IFormattable value => WebUtility.HtmlEncode(value.ToString(format, CultureInfo.InvariantCulture)),
            null => "",
            IEnumerable => throw new ArgumentException("a list in a template must be one of Html", nameof(argument)),
            _ => WebUtility.HtmlEncode(argument.ToString()) ?? "",
        };
    }
}
