namespace LmmRec.Ingest.Interactions;

/// <summary>Gives keys indices in the order of their first appearance.</summary>
internal sealed class KeyIndex
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _keys = [];

    public KeyIndex() => _lookup = _indices.GetAlternateLookup<ReadOnlySpan<char>>();

    public IReadOnlyList<string> Keys => _keys;

    public int Of(ReadOnlySpan<char> key)
    {
        if (_lookup.TryGetValue(key, out var index)) return index;
        var text = key.ToString();
        _indices[text] = _keys.Count;
        _keys.Add(text);
        return _keys.Count - 1;
    }
}
