using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace LmmRec.Featurize;

/// <summary>One of several parts of the items, which different processes encode.</summary>
/// <param name="Number">which one, from 1</param>
/// <param name="Count">how many there are</param>
public readonly record struct Part(int Number, int Count)
{
    /// <summary>The most parts that there can be.</summary>
    public const int Most = 1000;

    // Pictures of items that follow each other lie beside each other, so many in a row group.
    private const int Block = 100;

    /// <summary>Name of the part's folder.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Number}-of-{Count}");

    /// <summary>Whether the item with this index belongs to it.</summary>
    public bool Contains(int item) => item / Block % Count == Number - 1;

    /// <summary>Reads such as <c>2/4</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Part? part)
    {
        part = text.Split('/') is [var number, var count] && Whole(number) is { } n && Whole(count) is { } of && n >= 1 && n <= of && of <= Most ? new Part(n, of) : null;
        return part is not null;
    }

    /// <summary>Such as <c>2/3, 3/3</c>: the parts that are missing beside those with these names; <c>i/n</c> where these do not say it.</summary>
    public static string MissingBeside(IReadOnlyList<string> names)
    {
        var missing = names.Select(name => name.Split("-of-")[^1]).Distinct().ToList() is [var only] && Whole(only) is { } count
            ? Enumerable.Range(1, count).Where(number => !names.Contains(new Part(number, count).Name)).Select(number => $"{number}/{count}") : [];
        return string.Join(", ", missing.DefaultIfEmpty("i/n"));
    }

    /// <summary>What may stand in place of <paramref name="text"/>, which is no part: the parts of as many as it says, or of 4.</summary>
    public static string Example(string text)
    {
        var count = text.Split('/') is [_, var last] && Whole(last) is >= 1 and <= Most and var given ? given : 4;
        return count <= 4 ? $"of {count}: {string.Join(", ", Enumerable.Range(1, count).Select(number => $"{number}/{count}"))}" : $"of {count}: 1/{count} to {count}/{count}";
    }

    private static int? Whole(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
