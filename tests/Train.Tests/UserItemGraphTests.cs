using LmmRec.Train.Data;

namespace LmmRec.Train.Tests;

/// <summary>The self-check values of spec recommenders 13, and what must hold for any graph.</summary>
public sealed class UserItemGraphTests
{
    [Fact]
    public void Symmetric_normalisation_of_one_user_with_two_items_gives_one_over_root_two()
    {
        foreach (var normalization in new[] { Normalization.Sym, Normalization.Sym0, Normalization.Sym8 })
        {
            var a = Graph(1, 2, (0, 0), (0, 1)).Adjacency(normalization);
            Assert.Equal([0, 2, 3, 4], a.Starts);
            Assert.Equal([1, 2, 0, 0], a.Indices);
            Assert.All(a.Values, v => Assert.Equal(0.70711, v, 5));
        }
    }

    [Fact]
    public void A_random_walk_from_a_node_with_three_neighbours_stays_or_goes_to_each_with_a_quarter()
    {
        var a = Graph(1, 3, (0, 0), (0, 1), (0, 2)).Adjacency(Normalization.RandomWalkWithSelfLoops);
        Assert.Equal([0, 1, 2, 3], a.Indices[..4]);
        Assert.Equal([0.25f, 0.25f, 0.25f, 0.25f], a.Values[..4]);
        Assert.Equal((0, 1), (a.Indices[4], a.Indices[5]));
        Assert.Equal([0.5f, 0.5f], a.Values[4..6]);
    }

    [Fact]
    public void A_mean_gives_every_neighbour_the_same_share_and_an_isolated_node_an_empty_row()
    {
        var (byUser, byItem) = Graph(2, 3, (0, 0), (0, 2), (1, 2)).Means();
        Assert.Equal([0.5f, 0.5f, 1], byUser.Values);
        Assert.Equal([1, 0.5f, 0.5f], byItem);
        Assert.Equal([1f, 0, 1], (byUser with { Values = byItem }).Transpose().RowSums());
    }

    [Fact]
    public void Isolated_nodes_have_zero_rows_under_every_normalisation_without_self_loops()
    {
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            var a = Graph(2, 2, (0, 0)).Adjacency(normalization);
            Assert.All(a.Values, v => Assert.True(float.IsFinite(v)));
            var loop = normalization == Normalization.RandomWalkWithSelfLoops ? 1 : 0;
            Assert.Equal([loop, loop], new[] { a.RowSums()[1], a.RowSums()[3] });
        }
    }

    [Fact]
    public void Adjacency_is_symmetric_where_its_name_says_so_and_columns_ascend_everywhere()
    {
        var graph = Graph(3, 4, (0, 1), (0, 3), (1, 0), (1, 1), (1, 2), (2, 3));
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            var a = graph.Adjacency(normalization);
            for (var row = 0; row < a.Rows; row++)
                Assert.Equal(a.Indices[a.Starts[row]..a.Starts[row + 1]].Order(), a.Indices[a.Starts[row]..a.Starts[row + 1]]);
            if (normalization is Normalization.Sym or Normalization.Sym0 or Normalization.Sym8)
                Assert.Equal(a.Values, a.Transpose().Values);
            Assert.Equal(a.Values, a.Transpose().Transpose().Values);
            Assert.Equal(a.Indices, a.Transpose().Transpose().Indices);
        }
    }

    [Fact]
    public void Interactions_are_the_upper_right_block_of_the_adjacency()
    {
        var graph = Graph(2, 3, (0, 0), (0, 2), (1, 2));
        var (whole, block) = (graph.Adjacency(Normalization.Sym0), graph.Interactions(Normalization.Sym0));
        Assert.Equal((2, 3), (block.Rows, block.Columns));
        Assert.Equal(whole.Values[..block.Entries], block.Values);
        Assert.Equal(whole.Indices[..block.Entries], block.Indices.Select(i => i + graph.Users));
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
