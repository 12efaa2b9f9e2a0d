using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

/// <summary>The self-check values of docs/recommenders.md#known-values, and what must hold for any graph.</summary>
public sealed class UserItemGraphTests
{
    [Fact]
    public void Symmetric_normalisation_of_one_user_with_two_items_gives_one_over_root_two()
    {
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            var r = Graph(1, 2, (0, 0), (0, 1)).Interactions(normalization);
            Assert.Equal([0, 2], r.Starts);
            Assert.Equal([0, 1], r.Indices);
            Assert.All(r.Values, v => Assert.Equal(0.70711, v, 5));
        }
    }

    [Fact]
    public void A_random_walk_from_a_node_with_three_neighbours_stays_or_goes_to_each_with_a_quarter()
    {
        var walk = Graph(1, 3, (0, 0), (0, 1), (0, 2)).Walk(staying: true);
        Assert.Equal([0.25f, 0.25f, 0.25f], walk.ToItems.Values);
        Assert.Equal([0.25f], walk.UserShares);
        Assert.Equal([0.5f, 0.5f, 0.5f], walk.ToUsers);
        Assert.Equal([0.5f, 0.5f, 0.5f], walk.ItemShares);
    }

    [Fact]
    public void A_mean_gives_every_neighbour_the_same_share_and_an_isolated_node_an_empty_row()
    {
        var walk = Graph(2, 3, (0, 0), (0, 2), (1, 2)).Walk(staying: false);
        Assert.Equal([0.5f, 0.5f, 1], walk.ToItems.Values);
        Assert.Equal([1, 0.5f, 0.5f], walk.ToUsers);
        var sums = new float[3];
        foreach (var (item, share) in walk.ToItems.Indices.Zip(walk.ToUsers)) sums[item] += share;
        Assert.Equal([1f, 0, 1], sums);
    }

    [Fact]
    public void Isolated_nodes_make_nothing_infinite_and_keep_themselves_on_walks_that_may_stay()
    {
        var graph = Graph(2, 2, (0, 0));
        foreach (var r in Enum.GetValues<Normalization>().Select(graph.Interactions).Append(graph.Walk(staying: false).ToItems))
            Assert.All(r.Values, v => Assert.True(float.IsFinite(v)));
        var (going, staying) = (graph.Walk(staying: false), graph.Walk(staying: true));
        Assert.All([.. going.UserShares, .. going.ItemShares], share => Assert.True(float.IsFinite(share)));
        Assert.Equal([0.5f, 1], staying.UserShares);
        Assert.Equal([0.5f, 1], staying.ItemShares);
    }

    [Fact]
    public void Rows_are_users_and_columns_ascend_however_the_interactions_came()
    {
        var r = Graph(3, 4, (1, 2), (2, 3), (0, 3), (1, 0), (0, 1), (1, 1)).Interactions(Normalization.Sym);
        Assert.Equal([0, 2, 5, 6], r.Starts);
        Assert.Equal([1, 3, 0, 1, 2, 3], r.Indices);
    }

    [Fact]
    public void Degrees_are_counted_on_the_edges_that_are_kept()
    {
        var values = Graph(1, 3, (0, 0), (0, 1), (0, 2)).ValuesOf([0, 2], Normalization.Sym0);
        Assert.Equal([0.70711f, 0, 0.70711f], values.Select(v => MathF.Round(v, 5)));
    }

    [Fact]
    public void Dropping_a_node_drops_all_its_edges() =>
        Assert.Equal([0, 2], Graph(2, 3, (0, 0), (0, 2), (1, 1), (1, 2)).EdgesBetween([0, 1], [0, 1]));

    [Fact]
    public void An_edge_between_rare_nodes_weighs_more_than_one_between_popular_ones()
    {
        // Edges by user, then item: (0, 0), (0, 1), (1, 1).
        var weights = Graph(2, 2, (0, 0), (0, 1), (1, 1)).EdgeWeights();
        Assert.Equal([0.70711, 0.5, 0.70711], weights.Select(w => Math.Round(w, 5)));
    }

    private static UserItemGraph Graph(int users, int items, params (int User, int Item)[] edges) => UserItemGraph.Of(Dataset.From(
        [.. Enumerable.Range(0, users).Select(u => $"u{u}")], [.. Enumerable.Range(0, items).Select(i => $"i{i}")],
        [.. edges.Select(e => new Interaction(e.User, e.Item))], []));
}
