using System.Collections.Immutable;
using System.Globalization;

namespace LmmRec.Graphs;

/// <summary>
/// One dimension of a shape: a number, a name such as <c>batch</c>, or a polynomial in names such as <c>batch*77 + 1</c>. Two dimensions are
/// equal where their polynomials are, so shapes are checked while a graph is written although the batch is not known.
/// </summary>
public readonly struct Dim : IEquatable<Dim>
{
    // Monomial ("" for the constant, else its names in order, joined by '*') → factor ≠ 0. Null stands for the number in _number.
    private readonly ImmutableSortedDictionary<string, long>? _terms;
    private readonly long _number;

    private Dim(long number) => _number = number;

    private Dim(ImmutableSortedDictionary<string, long> terms)
    {
        if (terms.Count == 0) _number = 0;
        else if (terms.Count == 1 && terms.TryGetValue("", out var number)) _number = number;
        else _terms = terms;
    }

    /// <summary>Whether this is a number.</summary>
    public bool IsFixed => _terms is null;

    /// <summary>The number; throws where the dimension has a name in it.</summary>
    public long Value => IsFixed ? _number : throw new GraphException($"dimension '{this}' has no fixed size");

    public static implicit operator Dim(long value) => new(value);

    public static implicit operator Dim(int value) => new(value);

    public static implicit operator Dim(string name) =>
        new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add(name.Replace('*', '·'), 1));

    public static Dim operator +(Dim a, Dim b)
    {
        if (a.IsFixed && b.IsFixed) return a._number + b._number;
        var sum = a.Terms.ToBuilder();
        foreach (var (monomial, factor) in b.Terms) AddTerm(sum, monomial, factor);
        return new Dim(sum.ToImmutable());
    }

    public static Dim operator -(Dim a, Dim b) => a + (-1 * b);

    public static Dim operator *(Dim a, Dim b)
    {
        if (a.IsFixed && b.IsFixed) return a._number * b._number;
        var product = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var (m, f) in a.Terms)
            foreach (var (n, g) in b.Terms)
                AddTerm(product, string.Join('*', Names(m).Concat(Names(n)).Order(StringComparer.Ordinal)), f * g);
        return new Dim(product.ToImmutable());
    }

    /// <summary>The quotient where <paramref name="b"/> divides this exactly, else null.</summary>
    public Dim? DividedBy(Dim b)
    {
        if (b.Terms.Count != 1) return Equals(b) && b != 0 ? 1 : null;
        var (divisor, by) = b.Terms.First();
        var quotient = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var (monomial, factor) in Terms)
        {
            var names = Names(monomial).ToList();
            if (factor % by != 0 || !Names(divisor).All(names.Remove)) return null;
            AddTerm(quotient, string.Join('*', names), factor / by);
        }
        return new Dim(quotient.ToImmutable());
    }

    /// <summary>⌊this / <paramref name="by"/>⌋; a name of its own where names make it inexact.</summary>
    public Dim FloorDividedBy(long by) => IsFixed ? Math.DivRem(_number - (((_number % by) + by) % by), by).Quotient : DividedBy(by) ?? $"floor(({this})/{by})";

    /// <summary>The number that this is where its names have these values; null where a name has none.</summary>
    public long? At(IReadOnlyDictionary<string, long> values)
    {
        var sum = 0L;
        foreach (var (monomial, factor) in Terms)
        {
            var product = factor;
            foreach (var name in Names(monomial))
                if (values.TryGetValue(name, out var value)) product *= value;
                else return null;
            sum += product;
        }
        return sum;
    }

    public static bool operator ==(Dim a, Dim b) => a.Equals(b);

    public static bool operator !=(Dim a, Dim b) => !a.Equals(b);

    public bool Equals(Dim other) => IsFixed || other.IsFixed
        ? IsFixed == other.IsFixed && _number == other._number
        : _terms!.SequenceEqual(other._terms!);

    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether the name that <paramref name="name"/> is has a part in this.</summary>
    internal bool Mentions(Dim name) => !IsFixed && _terms!.Keys.Any(monomial => Names(monomial).Contains(name.ToString()));

    public override string ToString() => IsFixed
        ? _number.ToString(CultureInfo.InvariantCulture)
        : string.Join(" + ", _terms!.Select(t => t.Key.Length == 0 ? $"{t.Value}" : t.Value == 1 ? t.Key : $"{t.Key}*{t.Value}"));

    private ImmutableSortedDictionary<string, long> Terms => _terms ?? (_number == 0
        ? ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal)
        : ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", _number));

    private static string[] Names(string monomial) => monomial.Split('*', StringSplitOptions.RemoveEmptyEntries);

    private static void AddTerm(ImmutableSortedDictionary<string, long>.Builder terms, string monomial, long factor)
    {
        var sum = terms.GetValueOrDefault(monomial) + factor;
        if (sum == 0) terms.Remove(monomial);
        else terms[monomial] = sum;
    }
}
