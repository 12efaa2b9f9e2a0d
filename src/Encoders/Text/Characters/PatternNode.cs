using System.Runtime.CompilerServices;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Characters;

/// <summary>The text that a pattern is tried on, and the work that is left for it: a pattern must not hang on a text made for that.</summary>
internal ref struct Matching(ReadOnlySpan<char> text, Span<int> starts, long work, string place)
{
    private long _work = work;

    public readonly ReadOnlySpan<char> Text = text;

    /// <summary>Where the current round of each loop began.</summary>
    public readonly Span<int> Starts = starts;

    /// <summary>Takes <paramref name="steps"/> from the work that is left.</summary>
    /// <exception cref="InvalidInputException">None is left.</exception>
    public void Spend(int steps)
    {
        if ((_work -= steps) < 0) throw new InvalidInputException($"{place}: the pattern needs too many steps on a text of {Text.Length} characters; simplify it");
    }

    /// <exception cref="InvalidInputException">The pattern calls itself too deeply on this text.</exception>
    public readonly void Enter()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new InvalidInputException($"{place}: the pattern nests too deeply on a text of {Text.Length} characters; simplify it");
    }
}

/// <summary>A part of a pattern that knows what follows it.</summary>
internal abstract class PatternNode
{
    /// <summary>Where a match from <paramref name="at"/> of this part and all that follows ends; -1: there is none.</summary>
    public abstract int Match(ref Matching matching, int at);

    /// <summary>Whether a match may begin with the character; true where it is not known.</summary>
    public virtual bool MayStart(int code) => true;
}

/// <summary>The end of a pattern, or of a part that is matched for itself.</summary>
internal sealed class Accept : PatternNode
{
    public static readonly Accept Node = new();

    public override int Match(ref Matching matching, int at) => at;
}

/// <summary>One character of a set.</summary>
internal sealed class One(RuneSet set, PatternNode next) : PatternNode
{
    public override int Match(ref Matching matching, int at)
    {
        matching.Spend(1);
        return at < matching.Text.Length && set.Contains(RuneSet.At(matching.Text, at, out var length)) ? next.Match(ref matching, at + length) : -1;
    }

    public override bool MayStart(int code) => set.Contains(code);
}

/// <summary>How eagerly something is repeated.</summary>
internal enum Eagerness { Greedy, Lazy, Possessive }

/// <summary>From <paramref name="min"/> to <paramref name="max"/> characters of a set.</summary>
internal sealed class Run(RuneSet set, int min, int max, Eagerness eagerness, PatternNode next) : PatternNode
{
    public override int Match(ref Matching matching, int at)
    {
        var text = matching.Text;
        var (count, least) = (0, at);
        while (count < (eagerness == Eagerness.Lazy ? min : max) && at < text.Length && set.Contains(RuneSet.At(text, at, out var length)))
        {
            at += length;
            if (++count == min) least = at;
        }
        matching.Spend(count + 1);
        if (count < min) return -1;
        if (eagerness == Eagerness.Possessive || next is Accept && eagerness == Eagerness.Greedy) return next.Match(ref matching, at);
        while (true)
        {
            if (next.Match(ref matching, at) is >= 0 and var end) return end;
            if (eagerness == Eagerness.Greedy)
            {
                if (at == least) return -1;
                RuneSet.Before(text, at, out var length);
                at -= length;
            }
            else
            {
                if (count++ == max || at == text.Length || !set.Contains(RuneSet.At(text, at, out var length))) return -1;
                at += length;
            }
        }
    }

    public override bool MayStart(int code) => min == 0 || set.Contains(code);
}

/// <summary>The first of several ways that leads to a match.</summary>
internal sealed class Choice(PatternNode[] ways) : PatternNode
{
    private readonly PatternNode[][] _byAscii = [.. Enumerable.Range(0, 128).Select(code => ways.Where(way => way.MayStart(code)).ToArray())];

    public override int Match(ref Matching matching, int at)
    {
        matching.Enter();
        foreach (var way in at < matching.Text.Length && char.IsAscii(matching.Text[at]) ? _byAscii[matching.Text[at]] : ways)
            if (way.Match(ref matching, at) is >= 0 and var end) return end;
        return -1;
    }
}

/// <summary>Any number of rounds of a group.</summary>
internal sealed class Loop(int number, bool greedy, PatternNode next) : PatternNode
{
    /// <summary>A round, which ends in <see cref="Again"/>.</summary>
    public PatternNode Body { private get; set; } = Accept.Node;

    /// <summary>The end of a round.</summary>
    public PatternNode Again => new RoundEnd(this);

    public override int Match(ref Matching matching, int at)
    {
        matching.Enter();
        matching.Spend(1);
        if (!greedy && next.Match(ref matching, at) is >= 0 and var short_) return short_;
        var outer = matching.Starts[number];
        matching.Starts[number] = at;
        var end = Body.Match(ref matching, at);
        matching.Starts[number] = outer;
        return end >= 0 || !greedy ? end : next.Match(ref matching, at);
    }

    private sealed class RoundEnd(Loop loop) : PatternNode
    {
        // A round that took nothing would go on for ever.
        public override int Match(ref Matching matching, int at) => at == matching.Starts[loop.Number] ? -1 : loop.Match(ref matching, at);
    }

    private int Number => number;
}

/// <summary>A part that is matched for itself and not tried another way afterwards; looking ahead takes nothing.</summary>
internal sealed class Alone(PatternNode body, bool looks, bool wanted, PatternNode next) : PatternNode
{
    public override int Match(ref Matching matching, int at)
    {
        var end = body.Match(ref matching, at);
        return end >= 0 == wanted ? next.Match(ref matching, looks ? at : end) : -1;
    }
}

/// <summary>A condition on the place between two characters.</summary>
internal sealed class Between(PlaceTest holds, PatternNode next) : PatternNode
{
    public override int Match(ref Matching matching, int at) => holds(matching.Text, at) ? next.Match(ref matching, at) : -1;
}

/// <summary>Whether a condition holds between the characters before and after <paramref name="at"/>.</summary>
internal delegate bool PlaceTest(ReadOnlySpan<char> text, int at);
