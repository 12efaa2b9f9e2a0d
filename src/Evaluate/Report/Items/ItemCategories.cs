using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Report.Items;

/// <summary>The categories by which items are coloured: the first level of their paths at which they differ, the most frequent ones.</summary>
internal sealed class ItemCategories
{
    /// <summary>Categories with a colour of their own.</summary>
    public const int Most = 5;

    private readonly IReadOnlyList<ItemRow> _catalogue;
    private readonly int _level;
    private readonly string[] _names;

    public ItemCategories(IReadOnlyList<ItemRow> catalogue)
    {
        _catalogue = catalogue;
        var deepest = catalogue.Max(item => item.Categories.Length);
        _level = Enumerable.Range(0, deepest).FirstOrDefault(level => Named(level).Distinct().Skip(1).Any());
        _names = [.. Named(_level).GroupBy(name => name).OrderByDescending(items => items.Count()).ThenBy(items => items.Key, StringComparer.Ordinal).Take(Most).Select(items => items.Key)];
    }

    /// <summary>Their names, the most frequent first; none where items have no category.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The place of an item's category in <see cref="Names"/>; −1 where it is in none of them.</summary>
    public int Of(int item) => _catalogue[item].Categories.ElementAtOrDefault(_level) is { } name ? Array.IndexOf(_names, name) : -1;

    private IEnumerable<string> Named(int level) => _catalogue.Select(item => item.Categories.ElementAtOrDefault(level)).OfType<string>();
}
