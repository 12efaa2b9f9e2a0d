using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;
using LmmRec.Tables;

namespace LmmRec.Ingest.Tables;

/// <summary>Turns the rows of a table into records of items.</summary>
internal sealed class ItemMapping
{
    public const string Kind = "item row";

    private readonly ItemTableOptions _options;
    private readonly IReadOnlySet<string> _keys;
    private readonly IngestLog _log;
    private readonly PicturePaths _paths;
    private readonly PictureFolder? _pictures;
    private readonly int _id;
    private readonly int? _title, _brand, _description;
    private readonly int[] _categories, _image;
    private readonly Dictionary<string, ItemRecord> _records = new(StringComparer.Ordinal);
    private readonly List<string> _values = [];
    private long _duplicates;

    /// <param name="options">the table</param>
    /// <param name="folder">the data folder, where pictures lie</param>
    /// <param name="keys">the items that are wanted</param>
    /// <param name="log">what is told the rows that do not count</param>
    public ItemMapping(ItemTableOptions options, string folder, IReadOnlySet<string> keys, IngestLog log)
    {
        (_options, _keys, _log, _paths) = (options, keys, log, new PicturePaths(folder));
        _pictures = options.Images is null ? null : new PictureFolder(folder, options.Images);
        var columns = options.Columns;
        _id = Columns.OfRequired(columns.Id);
        (_title, _brand, _description) = (Columns.OfOptional(columns.Title), Columns.OfOptional(columns.Brand), Columns.OfOptional(columns.Description));
        (_categories, _image) = ([.. columns.Categories.Select(Columns.Of)], [.. columns.Image.Select(Columns.Of)]);
    }

    public WantedColumns Columns { get; } = new();

    /// <summary>What the rows said, by id.</summary>
    public IReadOnlyDictionary<string, ItemRecord> Records => _records;

    /// <summary>Adds the row's record, if its item is wanted. Of several rows with one id the first counts.</summary>
    /// <returns>Why the row cannot be used; null: it can.</returns>
    public string? Add(TableReader row)
    {
        if (row[_id].IsWhiteSpace()) return $"has no id in column '{_options.Columns.Id}'";
        var id = row[_id].ToString();
        if (!_keys.Contains(id)) return null;
        if (_records.ContainsKey(id)) _duplicates++;
        else _records[id] = new ItemRecord(Text(row, _title), Text(row, _brand), [.. Values(row, _categories)], Text(row, _description), Pictures(row, id));
        return null;
    }

    /// <summary>Tells the log what was counted.</summary>
    public void Count() => _log.Dropped["duplicateItems"] = _duplicates;

    private static string? Text(TableReader row, int? column) => column is { } c && row[c] is { IsEmpty: false } text ? text.ToString() : null;

    private IEnumerable<string> Values(TableReader row, int[] columns)
    {
        foreach (var column in columns)
        {
            _values.Clear();
            var isList = row.Values(column, _values);
            foreach (var value in isList ? _values : CellList.Split(_values[0], _options.ListSeparator))
                if (value.Length > 0) yield return value;
        }
    }

    private List<PicturePlace> Pictures(TableReader row, string id) =>
        [.. (_pictures?.Of(id) ?? []).Select(PicturePlace.InFile), .. Values(row, _image).Select(_paths.Of)];
}
