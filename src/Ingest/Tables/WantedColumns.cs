namespace LmmRec.Ingest.Tables;

/// <summary>The columns that a mapping wants, each once however often it is named.</summary>
internal sealed class WantedColumns
{
    private readonly List<string> _names = [];
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => _names;

    /// <summary>Whether a table without the column is of no use.</summary>
    public bool IsRequired(string name) => _required.Contains(name);

    /// <summary>The place of a column among those that are wanted.</summary>
    public int Of(string name)
    {
        if (!_names.Contains(name)) _names.Add(name);
        return _names.IndexOf(name);
    }

    /// <summary>The same of one that the table must have.</summary>
    public int OfRequired(string name)
    {
        _required.Add(name);
        return Of(name);
    }

    /// <summary>The same of one that need not be named; null where it is not.</summary>
    public int? OfOptional(string? name) => name is null ? null : Of(name);
}
