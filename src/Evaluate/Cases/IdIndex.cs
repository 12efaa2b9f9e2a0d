namespace LmmRec.Evaluate.Cases;

/// <summary>The own ids of users or items and the dense index of each.</summary>
/// <param name="kind"><c>user</c> or <c>item</c>, for messages</param>
/// <param name="folder">where the ids come from, for messages</param>
/// <param name="ids">in the order of the dense index, all of them different</param>
internal sealed class IdIndex(string kind, string folder, IReadOnlyList<string> ids)
{
    private readonly Dictionary<string, int> _index = ids.Index().ToDictionary(id => id.Item, id => id.Index, StringComparer.Ordinal);

    public string Kind => kind;

    public string Folder => folder;

    public int Count => ids.Count;

    /// <summary>The own ids in the order of the dense index.</summary>
    public IReadOnlyList<string> Ids => ids;

    /// <summary>The dense index of an id, or −1.</summary>
    public int Find(ReadOnlySpan<char> id) => _index.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var index) ? index : -1;
}
