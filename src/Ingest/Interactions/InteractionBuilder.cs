namespace LmmRec.Ingest.Interactions;

/// <summary>Collects interactions as a source reads them, and numbers users and items in the order of their first appearance.</summary>
internal sealed class InteractionBuilder
{
    private readonly KeyIndex _users = new(), _items = new();
    private readonly InteractionRows _rows = new();

    // The last rows, whose keys have no numbers yet.
    private readonly KeyBatch _userKeys = new(), _itemKeys = new();
    private readonly Interaction[] _pending = new Interaction[KeyBatch.Size];

    /// <summary>Rows so far.</summary>
    public int Count => _rows.Count + _userKeys.Count;

    /// <param name="user">the shop's own id of the user</param>
    /// <param name="item">the shop's own id of the item</param>
    /// <param name="rating">as given; null: none</param>
    /// <param name="time">UTC; null: none</param>
    /// <param name="part">where the data bring a split; null: none</param>
    public void Add(ReadOnlySpan<char> user, ReadOnlySpan<char> item, double? rating, DateTime? time, Part? part = null)
    {
        _pending[_userKeys.Count] = new Interaction(0, 0, rating, time, part);
        _userKeys.Add(user);
        _itemKeys.Add(item);
        if (_userKeys.Count == KeyBatch.Size) Number();
    }

    /// <summary>The table; no row can be added any more.</summary>
    public InteractionTable Build()
    {
        Number();
        _users.Seal();
        _items.Seal();
        return new InteractionTable(_users, _items, _rows);
    }

    private void Number()
    {
        Span<int> users = stackalloc int[KeyBatch.Size], items = stackalloc int[KeyBatch.Size];
        _users.Of(_userKeys, users);
        _items.Of(_itemKeys, items);
        for (var row = 0; row < _userKeys.Count; row++) _rows.Add(_pending[row] with { User = users[row], Item = items[row] });
        _userKeys.Clear();
        _itemKeys.Clear();
    }
}
