using System.Globalization;
using System.Text;

namespace LmmRec.Sample;

/// <summary>Prints values as Python literals, the format of Amazon's 2014 metadata (docs/data.md#amazon-2014).</summary>
public static class PythonRepr
{
    /// <summary>
    /// Prints null, bool, int, long, double, string, dictionaries with string keys and lists of these, as Python's <c>repr</c> does: single quotes,
    /// or double quotes where the text holds an apostrophe and no double quote; everything outside printable ASCII is escaped.
    /// </summary>
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Print(value, text);
        return text.ToString();
    }

    private static void Print(object? value, StringBuilder text)
    {
        switch (value)
        {
            case null: text.Append("None"); break;
            case bool flag: text.Append(flag ? "True" : "False"); break;
            case int or long: text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); break;
            case double number: PrintNumber(number, text); break;
            case string s: PrintString(s, text); break;
            case IReadOnlyDictionary<string, object?> pairs:
                PrintAll('{', pairs, '}', pair => { PrintString(pair.Key, text); text.Append(": "); Print(pair.Value, text); }, text);
                break;
            case IReadOnlyList<object?> list:
                PrintAll('[', list, ']', item => Print(item, text), text);
                break;
            default: throw new ArgumentException($"{value.GetType()} has no Python literal", nameof(value));
        }
    }

    private static void PrintAll<T>(char open, IEnumerable<T> items, char close, Action<T> print, StringBuilder text)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first) text.Append(", ");
            first = false;
            print(item);
        }
        text.Append(close);
    }

    private static void PrintNumber(double number, StringBuilder text)
    {
        if (!double.IsFinite(number)) throw new ArgumentException($"{number} has no Python literal", nameof(number));
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        text.Append(digits);
        if (digits.All(c => char.IsAsciiDigit(c) || c == '-')) text.Append(".0");
    }

    private static void PrintString(string s, StringBuilder text)
    {
        var quote = s.Contains('\'', StringComparison.Ordinal) && !s.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var c in s)
            text.Append(c switch
            {
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ when c == quote => "\\" + c,
                >= ' ' and <= '~' => c.ToString(),
                <= '\xff' => $@"\x{(int)c:x2}",
                _ => $@"\u{(int)c:x4}",
            });
        text.Append(quote);
    }
}
