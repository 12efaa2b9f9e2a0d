namespace LmmRec.Encoders.Text.Characters;

/// <summary>A set of characters by their code points, beyond the basic plane too.</summary>
internal sealed class RuneSet
{
    private const int End = 0x110000, BasicPlane = 0x10000;

    private readonly int[] _bounds; // ascending: where the set begins, ends before, begins again, …
    private readonly ulong[] _basic = new ulong[BasicPlane / 64]; // a bit per character of the basic plane

    private RuneSet(int[] bounds)
    {
        _bounds = bounds;
        for (var i = 0; i < bounds.Length; i += 2)
            for (var code = bounds[i]; code < Math.Min(bounds[i + 1], BasicPlane); code++) _basic[code >> 6] |= 1UL << code;
    }

    /// <summary>No character.</summary>
    public static RuneSet None { get; } = new([]);

    /// <summary>Every character.</summary>
    public static RuneSet All { get; } = Of(0, End - 1);

    /// <summary>The characters from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public static RuneSet Of(int first, int last) => new([first, last + 1]);

    /// <summary>The set that begins, ends before, begins again, … at the ascending <paramref name="bounds"/>.</summary>
    public static RuneSet OfBounds(IEnumerable<int> bounds) => new([.. bounds]);

    /// <summary>These characters.</summary>
    public static RuneSet Of(IEnumerable<int> codes)
    {
        var bounds = new List<int>();
        foreach (var code in codes.Order().Distinct())
            if (bounds is [.., var end] && end == code) bounds[^1]++;
            else bounds.AddRange([code, code + 1]);
        return new RuneSet([.. bounds]);
    }

    /// <summary>Whether the set has the character.</summary>
    public bool Contains(int code)
    {
        if (code < BasicPlane) return (_basic[code >> 6] >> code & 1) != 0;
        var at = Array.BinarySearch(_bounds, code);
        return ((at < 0 ? ~at : at + 1) & 1) == 1;
    }

    /// <summary>All characters of the set, ascending.</summary>
    public IEnumerable<int> Codes()
    {
        for (var i = 0; i < _bounds.Length; i += 2)
            for (var code = _bounds[i]; code < _bounds[i + 1]; code++) yield return code;
    }

    public static RuneSet operator |(RuneSet a, RuneSet b) => Combine(a, b, (inA, inB) => inA || inB);

    public static RuneSet operator &(RuneSet a, RuneSet b) => Combine(a, b, (inA, inB) => inA && inB);

    public static RuneSet operator ~(RuneSet a) => Combine(a, All, (inA, inAll) => inAll && !inA);

    private static RuneSet Combine(RuneSet a, RuneSet b, Func<bool, bool, bool> holds)
    {
        var bounds = new List<int>();
        var (i, j) = (0, 0);
        while (i < a._bounds.Length || j < b._bounds.Length)
        {
            var at = Math.Min(i < a._bounds.Length ? a._bounds[i] : End, j < b._bounds.Length ? b._bounds[j] : End);
            if (i < a._bounds.Length && a._bounds[i] == at) i++;
            if (j < b._bounds.Length && b._bounds[j] == at) j++;
            if (holds(i % 2 == 1, j % 2 == 1) != (bounds.Count % 2 == 1)) bounds.Add(at);
        }
        return new RuneSet([.. bounds]);
    }

    /// <summary>The character at <paramref name="at"/> and how many chars it takes; surrogates come in pairs.</summary>
    public static int At(ReadOnlySpan<char> text, int at, out int length)
    {
        var c = text[at];
        if (!char.IsHighSurrogate(c) || at + 1 == text.Length)
        {
            length = 1;
            return c;
        }
        length = 2;
        return char.ConvertToUtf32(c, text[at + 1]);
    }

    /// <summary>The character that ends before <paramref name="at"/> and how many chars it takes.</summary>
    public static int Before(ReadOnlySpan<char> text, int at, out int length)
    {
        length = at > 1 && char.IsLowSurrogate(text[at - 1]) ? 2 : 1;
        return At(text, at - length, out _);
    }
}
