namespace LmmRec.Ingest.Interactions;

/// <summary>Gives keys indices in the order of their first appearance.</summary>
internal sealed class KeyIndex
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    public IReadOnlyList<string> Keys => _keys;

    public int Of(string key)
    {
        if (_indices.TryGetValue(key, out var index)) return index;
        _indices[key] = _keys.Count;
        _keys.Add(key);
        return _keys.Count - 1;
    }
}
