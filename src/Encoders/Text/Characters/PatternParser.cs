using System.Globalization;

namespace LmmRec.Encoders.Text.Characters;

/// <summary>
/// Reads a regular expression as Oniguruma does, which Hugging Face's tokenizers use (docs/encoders.md#patterns). What it makes of a part is a
/// function from what follows it.
/// </summary>
internal sealed class PatternParser(string source)
{
    private const int MostNodes = 1000, MostRounds = 100, MostNested = 50;

    private int _at, _nodes;
    private bool _ignoreCase, _dotAll;

    private delegate PatternNode Part(PatternNode next);

    /// <summary>How many loops remember where their round began.</summary>
    public int Loops { get; private set; }

    /// <exception cref="FormatException">The text is no pattern, or has what is not supported.</exception>
    public PatternNode Parse()
    {
        var build = Alternatives(0);
        return _at < source.Length ? throw Fault("')' without '('") : build(Accept.Node);
    }

    private Part Alternatives(int depth)
    {
        if (depth > MostNested) throw Fault($"groups within more than {MostNested} others");
        var (ignoreCase, dotAll) = (_ignoreCase, _dotAll);
        var ways = new List<Part> { Sequence(depth) };
        while (Take("|")) ways.Add(Sequence(depth));
        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        return ways is [var only] ? only : next => Counted(new Choice([.. ways.Select(way => way(next))]));
    }

    private Part Sequence(int depth)
    {
        var parts = new List<Part>();
        while (_at < source.Length && source[_at] is not ('|' or ')')) parts.Add(Repeated(depth));
        return next =>
        {
            for (var i = parts.Count - 1; i >= 0; i--) next = parts[i](next);
            return next;
        };
    }

    private Part Repeated(int depth)
    {
        if (Place() is { } test) return next => Counted(new Between(test, next));
        if (Take("(")) return Rounds(Group(depth));
        var set = Character();
        if (!Quantifier(out var min, out var max, out var eagerness)) return next => Counted(new One(set, next));
        return Rounds(next => Counted(new Run(set, min, max, eagerness, next)));
    }

    // A part as often as the quantifiers behind it say.
    private Part Rounds(Part part)
    {
        while (Quantifier(out var min, out var max, out var eagerness))
        {
            if (min > MostRounds || max is > MostRounds and < int.MaxValue) throw Fault($"a group more than {MostRounds} times");
            var (round, least, most, greedy) = (part, min, max, eagerness != Eagerness.Lazy);
            part = next =>
            {
                var after = next;
                if (most == int.MaxValue)
                {
                    var loop = Counted(new Loop(Loops++, greedy, after));
                    loop.Body = round(loop.Again);
                    next = loop;
                }
                else
                    for (var i = least; i < most; i++) next = Counted(new Choice(greedy ? [round(next), after] : [after, round(next)]));
                for (var i = 0; i < least; i++) next = round(next);
                return next;
            };
            if (eagerness == Eagerness.Possessive) part = Alone(part, looks: false, wanted: true);
        }
        return part;
    }

    private Part Group(int depth)
    {
        Func<Part, Part> wrap = inner => inner;
        var (ignoreCase, dotAll) = (_ignoreCase, _dotAll);
        if (Take("?="))
            wrap = inner => Alone(inner, looks: true, wanted: true);
        else if (Take("?!")) wrap = inner => Alone(inner, looks: true, wanted: false);
        else if (Take("?>")) wrap = inner => Alone(inner, looks: false, wanted: true);
        else if (Take("?"))
        {
            var on = true;
            while (!Take(":"))
            {
                if (Take("-")) on = false;
                else if (Take("i")) _ignoreCase = on;
                else if (Take("m")) _dotAll = on;
                else if (Take(")")) return next => next; // the flags hold until the end of the group around it
                else throw Fault("such a group; supported are (?:…), (?i:…), (?m:…), (?=…), (?!…) and (?>…)");
            }
        }
        var body = Alternatives(depth + 1);
        if (!Take(")")) throw Fault("'(' without ')'");
        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        return wrap(body);
    }

    private Part Alone(Part body, bool looks, bool wanted) => next => Counted(new Alone(body(Accept.Node), looks, wanted, next));

    private PlaceTest? Place() =>
        Take("^") ? (text, at) => at == 0 || text[at - 1] == '\n' :
        Take("$") ? (text, at) => at == text.Length || text[at] == '\n' :
        Take(@"\A") ? (_, at) => at == 0 :
        Take(@"\z") ? (text, at) => at == text.Length :
        Take(@"\Z") ? (text, at) => at == text.Length || (at == text.Length - 1 && text[at] == '\n') :
        Take(@"\b") ? WordEdge :
        Take(@"\B") ? (text, at) => !WordEdge(text, at) : null;

    private static bool WordEdge(ReadOnlySpan<char> text, int at) =>
        (at > 0 && PatternSets.Word.Contains(RuneSet.Before(text, at, out _))) != (at < text.Length && PatternSets.Word.Contains(RuneSet.At(text, at, out _)));

    private bool Quantifier(out int min, out int max, out Eagerness eagerness)
    {
        (min, max, eagerness) = (0, int.MaxValue, Eagerness.Greedy);
        if (Take("?")) max = 1;
        else if (Take("+")) min = 1;
        else if (!Take("*"))
        {
            // Braces that hold no numbers are characters. A plus behind those that do repeats once more.
            var end = _at < source.Length && source[_at] == '{' ? source.IndexOf('}', _at) : -1;
            if (end < 0 || !Bounds(source[(_at + 1)..end], out min, out max)) return false;
            _at = end + 1;
            if (Take("?")) eagerness = Eagerness.Lazy;
            return true;
        }
        eagerness = Take("?") ? Eagerness.Lazy : Take("+") ? Eagerness.Possessive : Eagerness.Greedy;
        return true;
    }

    private static bool Bounds(string text, out int min, out int max)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var (first, last) = comma < 0 ? (text, text) : (text[..comma], text[(comma + 1)..]);
        (min, max) = (0, int.MaxValue);
        return (first.Length > 0 || last.Length > 0)
            && (first.Length == 0 || int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out min))
            && (last.Length == 0 || int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out max))
            && min <= max;
    }

    // The set of one character, wherever it stands outside of brackets.
    private RuneSet Character()
    {
        if (source[_at] is '*' or '+' or '?') throw Fault($"'{source[_at]}' with nothing before it");
        var sets = new PatternSets(source, _at, _ignoreCase);
        var set = Take(".") ? _dotAll ? RuneSet.All : PatternSets.Line : sets.Read(out _at);
        return set;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(source, _at, text, 0, text.Length) != 0) return false;
        _at += text.Length;
        return true;
    }

    private TNode Counted<TNode>(TNode node) where TNode : PatternNode => ++_nodes > MostNodes ? throw Fault($"more than {MostNodes} parts") : node;

    private FormatException Fault(string what) => new($"'{source}' has {what}, at character {_at + 1}");
}
