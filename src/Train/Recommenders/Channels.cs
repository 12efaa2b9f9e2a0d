using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>
/// What MMGCL and SLMRec share (docs/recommenders.md#mmgcl): an id channel and one per modality, whose items differ and whose users are the same
/// table, each propagated, and a linear map that fuses a node's channels.
/// </summary>
public sealed class Channels
{
    private readonly Linear _fuseUsers;
    private readonly Linear _fuseItems;

    public Channels(Graph g, Catalogue catalogue, int dimensions)
    {
        Users = catalogue.UserTable(g, "user_embedding", dimensions, Initializers.XavierUniform); // [U, D]
        var items = catalogue.ItemTable(g, "item_embedding", dimensions, Initializers.XavierUniform); // [I, D]
        Items = [
            items,
            .. catalogue.Modalities.Select(m => Linear.Of(g, $"{m.Name}/projection", m.Width, dimensions, Initializers.XavierUniform)[m.NormalizedTable(g)])];
        _fuseUsers = Linear.Of(g, "fuse/users", Items.Count * dimensions, dimensions, Initializers.XavierUniform);
        _fuseItems = Linear.Of(g, "fuse/items", Items.Count * dimensions, dimensions, Initializers.XavierUniform);
    }

    /// <summary>The users' table, the same in every channel, [U × D].</summary>
    public Tensor Users { get; }

    /// <summary>The items' tables by channel, the id first, then the modalities in their order; before propagation, each [I × D].</summary>
    public IReadOnlyList<Tensor> Items { get; }

    /// <summary>All channels propagated over the same graph.</summary>
    public View Propagate(SparseMatrix r, int layers) => View(Propagation.Light(Users, Items, r, layers));

    /// <summary>A view whose channels were propagated one by one.</summary>
    public View View(IReadOnlyList<(LayerMean Users, LayerMean Items)> channels) => new(channels, _fuseUsers, _fuseItems);
}

/// <summary>The propagated channels of all nodes; rows are fused when they are asked for.</summary>
public sealed class View(IReadOnlyList<(LayerMean Users, LayerMean Items)> channels, Linear fuseUsers, Linear fuseItems)
{
    /// <summary>The channels, the id first.</summary>
    public IReadOnlyList<(LayerMean Users, LayerMean Items)> Channels => channels;

    /// <summary>All users, [U × D].</summary>
    public Tensor AllUsers => Fuse(fuseUsers, channels.Select(c => c.Users.All));

    /// <summary>All items, [I × D].</summary>
    public Tensor AllItems => Fuse(fuseItems, channels.Select(c => c.Items.All));

    /// <summary>Some users, [n × D].</summary>
    public Tensor UsersAt(Tensor users) => Fuse(fuseUsers, channels.Select(c => c.Users[users]));

    /// <summary>Some items, [n × D].</summary>
    public Tensor ItemsAt(Tensor items) => ItemsAt([.. channels.Select(_ => items)]);

    /// <summary>Items that take each channel from an item of its own, [n × D].</summary>
    public Tensor ItemsAt(IReadOnlyList<Tensor> itemsByChannel) => Fuse(fuseItems, channels.Zip(itemsByChannel, (c, items) => c.Items[items]));

    private static Tensor Fuse(Linear fuse, IEnumerable<Tensor> channels)
    {
        Tensor[] parts = [.. channels];
        return fuse[parts[0].Graph.Concat(1, parts)];
    }
}
