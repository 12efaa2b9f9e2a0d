namespace LmmRec.Ingest.Interactions;

/// <summary>Collects interactions as a source reads them, and numbers users and items in the order of their first appearance.</summary>
internal sealed class InteractionBuilder
{
    private readonly KeyIndex _users = new(), _items = new();
    private readonly InteractionRows _rows = new();

    /// <summary>Rows so far.</summary>
    public int Count => _rows.Count;

    /// <param name="user">the shop's own id of the user</param>
    /// <param name="item">the shop's own id of the item</param>
    /// <param name="rating">as given; null: none</param>
    /// <param name="time">UTC; null: none</param>
    /// <param name="part">where the data bring a split; null: none</param>
    public void Add(ReadOnlySpan<char> user, ReadOnlySpan<char> item, double? rating, DateTime? time, Part? part = null) =>
        _rows.Add(new Interaction(_users.Of(user), _items.Of(item), rating, time, part));

    public InteractionTable Build() => new(_users, _items, _rows);
}
