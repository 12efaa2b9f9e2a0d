using LmmRec.Artifacts;
using LmmRec.Evaluate.Report.Items;

namespace LmmRec.Evaluate.Tests.Items;

public sealed class ItemMapTests
{
    private const int Items = 300, Dimension = 24;

    [Fact]
    public void The_map_shows_the_directions_in_which_vectors_vary_most()
    {
        var (vectors, random) = (new List<(int, float[])>(), new SeededRandom(3));
        for (var i = 0; i < Items; i++)
        {
            var vector = Enumerable.Range(0, Dimension).Select(_ => 0.05f * (float)random.NextNormal()).ToArray();
            vector[5] += 3 * MathF.Cos(i); // a circle in the plane of two values, wider along the first
            vector[17] += 1 * MathF.Sin(i);
            vectors.Add((i, vector));
        }
        var map = ItemMap.Of(vectors)!;
        Assert.InRange(map.Share, 0.98, 1);
        var (x, y) = (Sign(p => p.X, 5), Sign(p => p.Y, 17));
        Assert.All(map.Points, p => Assert.Equal(vectors[p.Item].Item2[5] * x, p.X, 0.3));
        Assert.All(map.Points, p => Assert.Equal(vectors[p.Item].Item2[17] * y, p.Y, 0.3));

        // A component may point either way.
        int Sign(Func<(int Item, double X, double Y), double> place, int value) => Math.Sign(map.Points.Sum(p => place(p) * vectors[p.Item].Item2[value]));
    }

    [Fact]
    public void The_same_vectors_make_the_same_map()
    {
        var random = new SeededRandom(3);
        List<(int, float[])> vectors = [.. Enumerable.Range(0, 50).Select(i => (i, Enumerable.Range(0, Dimension).Select(_ => (float)random.NextNormal()).ToArray()))];
        Assert.Equal(ItemMap.Of(vectors)!.Points, ItemMap.Of(vectors)!.Points);
    }

    [Fact]
    public void Where_all_vectors_are_equal_or_there_are_two_there_is_no_map()
    {
        Assert.Null(ItemMap.Of([.. Enumerable.Range(0, 9).Select(i => (i, new float[] { 1, 2, 3 }))]));
        Assert.Null(ItemMap.Of([(0, [1, 2]), (1, [2, 1])]));
    }

    [Fact]
    public void The_nearest_stand_first_and_no_more_are_kept_than_are_shown()
    {
        var nearest = new List<Neighbour>();
        foreach (var (item, cosine) in new[] { 0.3, 0.9, 0.1, 0.9, 0.5, 0.2 }.Index()) Neighbour.Insert(nearest, new Neighbour(item, cosine));
        Assert.Equal([1, 3, 4, 0], nearest.Select(neighbour => neighbour.Item));
    }
}
