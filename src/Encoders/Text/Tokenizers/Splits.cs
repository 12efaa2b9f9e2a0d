using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>What becomes of a match at which a piece is split.</summary>
internal enum SplitBehavior
{
    /// <summary>It goes.</summary>
    Removed,

    /// <summary>It is a piece.</summary>
    Isolated,

    /// <summary>It is a piece together with matches right beside it.</summary>
    Contiguous,

    /// <summary>It is the end of the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>It is the beginning of the piece behind it.</summary>
    MergedWithNext,
}

/// <summary>Pre-tokenizers that only split.</summary>
internal static class Splits
{
    /// <summary>Splits at each character of a set.</summary>
    public static PreTokenizer At(RuneSet set, SplitBehavior behavior) => (piece, startsText, result) =>
    {
        var parts = new List<(int, int, bool)>();
        var done = 0;
        for (int at = 0, length; at < piece.Length; at += length)
        {
            if (!set.Contains(RuneSet.At(piece, at, out length))) continue;
            if (done < at) parts.Add((done, at, false));
            parts.Add((at, done = at + length, true));
        }
        if (done < piece.Length) parts.Add((done, piece.Length, false));
        Add(piece, startsText, parts, behavior, result);
    };

    /// <summary>Splits at each match of a pattern, or, inverted, at what lies between matches.</summary>
    public static PreTokenizer At(Pattern pattern, SplitBehavior behavior, bool invert) => (piece, startsText, result) =>
    {
        var parts = new List<(int, int, bool)>();
        var done = 0;
        foreach (var (start, end) in pattern.Matches(piece))
        {
            if (done < start) parts.Add((done, start, invert));
            parts.Add((start, end, !invert));
            done = end;
        }
        if (done < piece.Length) parts.Add((done, piece.Length, invert));
        Add(piece, startsText, parts, behavior, result);
    };

    /// <summary>Splits before each <paramref name="mark"/>.</summary>
    public static PreTokenizer Before(char mark) => (piece, startsText, result) =>
    {
        for (int at = 0, end; at < piece.Length; at = end)
        {
            end = piece[(at + 1)..].IndexOf(mark) is >= 0 and var next ? at + 1 + next : piece.Length;
            result.Add(piece[at..end], startsText && at == 0);
        }
    };

    private static void Add(ReadOnlySpan<char> piece, bool startsText, List<(int Start, int End, bool IsMatch)> parts, SplitBehavior behavior, Pieces result)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var (start, end, isMatch) = parts[i];
            if (isMatch && behavior == SplitBehavior.Removed) continue;
            while (i + 1 < parts.Count && Joins(behavior, isMatch, parts[i + 1].IsMatch)) (_, end, isMatch) = parts[++i];
            result.Add(piece[start..end], startsText && start == 0);
        }
    }

    private static bool Joins(SplitBehavior behavior, bool isMatch, bool isNextMatch) => behavior switch
    {
        SplitBehavior.Contiguous => isMatch == isNextMatch,
        SplitBehavior.MergedWithPrevious => !isMatch && isNextMatch,
        SplitBehavior.MergedWithNext => isMatch && !isNextMatch,
        _ => false,
    };
}
