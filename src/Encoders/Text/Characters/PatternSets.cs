using System.Globalization;
using System.Text;

namespace LmmRec.Encoders.Text.Characters;

/// <summary>Reads the part of a pattern that stands for one character of a set: a character, an escape, or brackets.</summary>
internal sealed class PatternSets(string source, int start, bool ignoreCase)
{
    private const int MostNested = 20;

    private int _at = start;

    /// <summary>What \w means here: not the joiners, but ² ³ ¹ ¼ ½ ¾.</summary>
    public static RuneSet Word { get; } = CharacterSets.Word & ~RuneSet.Of(0x200C, 0x200D) | RuneSet.Of(0xB2, 0xB3) | RuneSet.Of(0xB9, 0xB9) | RuneSet.Of(0xBC, 0xBE);

    /// <summary>All characters but the line feed: a dot.</summary>
    public static RuneSet Line { get; } = ~RuneSet.Of('\n', '\n');

    private static readonly RuneSet Hex = RuneSet.Of('0', '9') | RuneSet.Of('A', 'F') | RuneSet.Of('a', 'f');

    // Each cased letter to all that are the same but for case.
    private static readonly Lazy<ILookup<int, int>> SameLetters = new(() => (CharacterSets.Property("L")! | CharacterSets.Property("M")! | CharacterSets.Property("N")! | CharacterSets.Property("So")!)
        .Codes()
        .Where(code => Folded(code) != code || Rune.ToUpperInvariant(new Rune(code)).Value != code)
        .ToLookup(Folded));

    /// <summary>The set from the given place on, and where it <paramref name="end"/>s.</summary>
    /// <exception cref="FormatException">There is none, or it has what is not supported.</exception>
    public RuneSet Read(out int end)
    {
        var set = Set();
        end = _at;
        return set;
    }

    private RuneSet Set()
    {
        if (Take("[")) return Brackets(0);
        return Take(@"\") ? Escape(out _) : Folds(RuneSet.Of([Next()]));
    }

    private RuneSet Brackets(int depth)
    {
        if (depth > MostNested) throw Fault($"brackets within more than {MostNested} others");
        var negated = Take("^");
        var (all, set, first) = (RuneSet.All, RuneSet.None, true);
        while (first || !Take("]"))
        {
            if (Take("[:")) set |= Posix();
            else if (Take("[")) set |= Brackets(depth + 1);
            else if (Take("&&")) (all, set) = (all & set, RuneSet.None);
            else set |= Range();
            first = false;
        }
        set = all & set;
        return negated ? ~set : set;
    }

    private RuneSet Range()
    {
        int? from;
        RuneSet set;
        if (Take(@"\")) set = Escape(out from);
        else
        {
            from = Next();
            set = RuneSet.Of([from.Value]);
        }
        if (from is not { } first || _at + 1 >= source.Length || source[_at] != '-' || source[_at + 1] == ']') return Folds(set);
        _at++;
        int? last;
        if (Take(@"\")) Escape(out last);
        else last = Next();
        return last >= first ? Folds(RuneSet.Of(first, last.Value)) : throw Fault("a range that ends before it begins");
    }

    private RuneSet Posix()
    {
        var negated = Take("^");
        var end = source.IndexOf(":]", _at, StringComparison.Ordinal);
        var name = end < 0 ? "" : source[_at..end];
        RuneSet set = name switch
        {
            "alpha" => CharacterSets.Property("L")!,
            "digit" => CharacterSets.Property("Nd")!,
            "alnum" => CharacterSets.Property("L")! | CharacterSets.Property("Nd")!,
            "space" => CharacterSets.White,
            "word" => Word,
            "xdigit" => Hex,
            _ => throw Fault($"the class [:{name}:]"),
        };
        _at = end + 2;
        return negated ? ~set : set;
    }

    // The set that a backslash begins; a single character is told beside it, as it may begin a range.
    private RuneSet Escape(out int? single)
    {
        single = null;
        var c = Next();
        switch (c)
        {
            case 's': return CharacterSets.White;
            case 'S': return ~CharacterSets.White;
            case 'd': return CharacterSets.Property("Nd")!;
            case 'D': return ~CharacterSets.Property("Nd")!;
            case 'w': return Word;
            case 'W': return ~Word;
            case 'h': return Hex;
            case 'H': return ~Hex;
            case 'p' or 'P': return Property(c == 'P');
        }
        single = c switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'a' => '\a',
            'e' => '\e',
            'x' => Take("{") ? Number(source.IndexOf('}', _at) is >= 0 and var end ? end - _at : 0, closed: true) : Number(2),
            'u' => Number(4),
            _ => c < 128 && char.IsAsciiLetterOrDigit((char)c) ? throw Fault($@"the escape \{(char)c}") : c,
        };
        return Folds(RuneSet.Of([single.Value]));
    }

    private RuneSet Property(bool negated)
    {
        var end = Take("{") ? source.IndexOf('}', _at) : -1;
        if (end < 0) throw Fault(@"\p without a name in braces");
        if (Take("^")) negated = !negated;
        var name = source[_at..end];
        var set = CharacterSets.Property(name) ?? throw Fault($@"\p{{{name}}}; supported are the general categories, such as L and Lu");
        _at = end + 1;
        return negated ? ~set : set;
    }

    private int Number(int digits, bool closed = false)
    {
        if (_at + digits > source.Length || !int.TryParse(source.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
            throw Fault("an escape that is no character's number");
        _at += digits + (closed ? 1 : 0);
        return code;
    }

    private RuneSet Folds(RuneSet set) => ignoreCase ? set | RuneSet.Of(set.Codes().Where(Rune.IsValid).SelectMany(code => SameLetters.Value[Folded(code)])) : set;

    // To .NET the long s is no s.
    private static int Folded(int code) => code == 'ſ' ? 's' : Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(code))).Value;

    private int Next()
    {
        if (_at >= source.Length) throw Fault("an end where a character should stand");
        var code = RuneSet.At(source, _at, out var length);
        _at += length;
        return code;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(source, _at, text, 0, text.Length) != 0) return false;
        _at += text.Length;
        return true;
    }

    private FormatException Fault(string what) => new($"'{source}' has {what}, at character {_at + 1}");
}
