using LmmRec.Artifacts;

namespace LmmRec.Evaluate.Cases;

/// <summary>The own ids of users or items and the dense index of each.</summary>
/// <param name="kind"><c>user</c> or <c>item</c>, for messages</param>
/// <param name="folder">where the ids come from, for messages</param>
internal sealed class IdIndex(string kind, string folder)
{
    private readonly List<string> _ids = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    public string Kind => kind;

    public string Folder => folder;

    public int Count => _ids.Count;

    /// <summary>The own ids in the order of the dense index.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>The dense index of an id.</summary>
    /// <exception cref="InvalidInputException">The id is not known.</exception>
    public int this[string id] => _index.TryGetValue(id, out var index)
        ? index
        : throw new InvalidInputException($"{folder}: the interactions name {kind} '{id}', who is not in the table of {kind}s; run ingest again");

    /// <summary>The dense index of an id, or −1.</summary>
    public int Find(string id) => _index.GetValueOrDefault(id, -1);

    /// <exception cref="InvalidInputException">The id is there already.</exception>
    public void Add(string id)
    {
        if (!_index.TryAdd(id, _ids.Count))
            throw new InvalidInputException($"{folder}: {kind} '{id}' is in the table of {kind}s twice; run ingest again");
        _ids.Add(id);
    }
}
