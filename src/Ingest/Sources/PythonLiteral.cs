using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LmmRec.Ingest.Sources;

/// <summary>
/// Parses one Python literal (docs/data.md#amazon-2014): dictionaries with string keys, lists, tuples, strings in either quote with Python's
/// escapes and an optional u prefix, numbers, None, True and False. Nothing is evaluated.
/// </summary>
/// <remarks>
/// Values: <see cref="Dictionary{TKey, TValue}"/> of string to object, <see cref="List{T}"/> of object (lists and tuples), string, long, double, bool, null.
/// </remarks>
internal sealed class PythonLiteral
{
    // Amazon's lines nest three deep; a hostile line of a million brackets must not overflow the stack.
    private const int MaxDepth = 64;

    private readonly string _text;
    private int _at;
    private string? _fault;

    private PythonLiteral(string text) => _text = text;

    /// <summary>Parses <paramref name="text"/>, which holds one literal and nothing else.</summary>
    /// <param name="text">the line</param>
    /// <param name="value">the value; null as well for None</param>
    /// <param name="fault">null, or the column (1-based) and what is wrong there</param>
    public static bool TryParse(string text, out object? value, [NotNullWhen(false)] out string? fault)
    {
        var parser = new PythonLiteral(text);
        var done = parser.Value(out value, 0) && parser.End();
        fault = done ? null : $"column {parser._at + 1}: {parser._fault}";
        return done;
    }

    private bool Value(out object? value, int depth)
    {
        value = null;
        SkipBlanks();
        if (_at == _text.Length) return Fail("the line ends where a value must be");
        if (depth == MaxDepth) return Fail($"more than {MaxDepth} brackets within brackets");
        switch (_text[_at])
        {
            case '{': return Dictionary(out value, depth);
            case '[': return Sequence(']', out value, depth);
            case '(': return Sequence(')', out value, depth);
            case '\'' or '"': return String(out value);
            case 'u' or 'U' when _at + 1 < _text.Length && _text[_at + 1] is '\'' or '"':
                _at++;
                return String(out value);
            case >= '0' and <= '9' or '+' or '-' or '.': return Number(out value);
            default: return Name(out value);
        }
    }

    private bool Dictionary(out object? value, int depth)
    {
        var pairs = new Dictionary<string, object?>(StringComparer.Ordinal);
        value = pairs;
        _at++;
        while (!Closed('}'))
        {
            if (!Value(out var key, depth + 1)) return false;
            if (key is not string name) return Fail("a key must be a string");
            SkipBlanks();
            if (!Take(':')) return Fail("a ':' must follow the key");
            if (!Value(out var item, depth + 1)) return false;
            pairs[name] = item; // as in Python, the last of equal keys counts
            if (!Separated('}')) return false;
        }
        return true;
    }

    private bool Sequence(char close, out object? value, int depth)
    {
        var items = new List<object?>();
        value = items;
        _at++;
        while (!Closed(close))
        {
            if (!Value(out var item, depth + 1)) return false;
            items.Add(item);
            if (!Separated(close)) return false;
        }
        return true;
    }

    private bool String(out object? value)
    {
        value = null;
        var start = _at;
        var quote = _text[_at++];
        var text = new StringBuilder();
        while (true)
        {
            var run = _text.AsSpan(_at).IndexOfAny(quote, '\\');
            if (run < 0)
            {
                _at = start;
                return Fail("the string that begins here has no end");
            }
            text.Append(_text, _at, run);
            _at += run;
            if (_text[_at] == quote) break;
            if (!Escape(text)) return false;
        }
        _at++;
        value = text.ToString();
        return true;
    }

    // At a backslash. Escapes that Python does not know keep it.
    private bool Escape(StringBuilder text)
    {
        if (_at + 1 == _text.Length) return Fail("the line ends within an escape");
        var c = _text[_at + 1];
        switch (c)
        {
            case 'x': return CodePoint(2, text);
            case 'u': return CodePoint(4, text);
            case 'U': return CodePoint(8, text);
            case >= '0' and <= '7': return Octal(text);
        }
        var plain = "\\'\"abfnrtv".IndexOf(c, StringComparison.Ordinal);
        if (plain < 0) text.Append('\\').Append(c);
        else text.Append("\\'\"\a\b\f\n\r\t\v"[plain]);
        _at += 2;
        return true;
    }

    private bool CodePoint(int digits, StringBuilder text)
    {
        var hex = _text.AsSpan(_at + 2, Math.Min(digits, _text.Length - _at - 2));
        if (hex.Length < digits || !uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            return Fail($"\\{_text[_at + 1]} needs {digits} hexadecimal digits");
        if (code <= char.MaxValue) text.Append((char)code); // surrogates come in pairs of \u
        else if (Rune.IsValid(code)) text.Append(new Rune(code).ToString());
        else return Fail("is no code point");
        _at += 2 + digits;
        return true;
    }

    private bool Octal(StringBuilder text)
    {
        var code = 0;
        var end = Math.Min(_at + 4, _text.Length);
        for (_at++; _at < end && _text[_at] is >= '0' and <= '7'; _at++) code = code * 8 + (_text[_at] - '0');
        text.Append((char)code);
        return true;
    }

    private bool Number(out object? value)
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] is '+' or '-' or '.' or 'e' or 'E')) _at++;
        var digits = _text.AsSpan(start, _at - start);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) value = whole;
        else if (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) value = real;
        else
        {
            value = null;
            _at = start;
            return Fail($"'{digits}' is no number");
        }
        return true;
    }

    private bool Name(out object? value)
    {
        var end = _at;
        while (end < _text.Length && char.IsAsciiLetter(_text[end])) end++;
        (var known, value) = _text[_at..end] switch
        {
            "None" => (true, (object?)null),
            "True" => (true, true),
            "False" => (true, false),
            _ => (false, null),
        };
        if (!known) return Fail($"'{_text[_at]}' begins no value (allowed: dictionary, list, string, number, None, True, False)");
        _at = end;
        return true;
    }

    private bool Closed(char close)
    {
        SkipBlanks();
        return Take(close);
    }

    private bool Separated(char close)
    {
        SkipBlanks();
        if (Take(',') || (_at < _text.Length && _text[_at] == close)) return true;
        return Fail($"',' or '{close}' must follow");
    }

    private bool Take(char c)
    {
        if (_at == _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private bool End()
    {
        SkipBlanks();
        return _at == _text.Length || Fail("something follows the value");
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }

    private bool Fail(string what)
    {
        _fault = what;
        return false;
    }
}
