using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>Users, items and training pairs of a file of lines <c>userID itemID x_label</c> (0 = train), as the peer reads it.</summary>
internal sealed class Interactions
{
    public Interactions(string path)
    {
        var lines = File.ReadLines(path).Skip(1).Select(line => Array.ConvertAll(line.Split('\t'), int.Parse)).ToList();
        Users = lines.Max(line => line[0]) + 1;
        Items = lines.Max(line => line[1]) + 1;
        Pairs = [.. lines.Where(line => line[^1] == 0).Select(line => (line[0], line[1]))];
    }

    /// <summary>The same users and items over and over: <paramref name="times"/> as many of both and of pairs, with the same degrees.</summary>
    private Interactions(Interactions one, int times)
    {
        (Users, Items) = (one.Users * times, one.Items * times);
        Pairs = [.. Enumerable.Range(0, times).SelectMany(t => one.Pairs.Select(p => (p.User + t * one.Users, p.Item + t * one.Items)))];
    }

    public int Users { get; }

    public int Items { get; }

    public (int User, int Item)[] Pairs { get; }

    public Interactions Times(int times) => times == 1 ? this : new Interactions(this, times);

    /// <summary>The normalised adjacency D^(−1/2) A D^(−1/2) of users and items: its pattern, and the values in the pattern's order of coordinates.</summary>
    public (SparsePattern Pattern, float[] Values) Adjacency()
    {
        int[] rows = [.. Pairs.Select(p => p.User), .. Pairs.Select(p => p.Item + Users)];
        int[] columns = [.. Pairs.Select(p => p.Item + Users), .. Pairs.Select(p => p.User)];
        var degrees = new int[Users + Items];
        foreach (var row in rows) degrees[row]++;
        var values = rows.Zip(columns, (r, c) => (float)(1 / Math.Sqrt((double)degrees[r] * degrees[c]))).ToArray();
        return (SparsePattern.FromCoordinates(Users + Items, Users + Items, rows, columns), values);
    }

    /// <summary>Users, items they met and items drawn at random.</summary>
    public (long[] Users, long[] Positives, long[] Negatives) Draw(int count, SeededRandom random)
    {
        var (users, positives, negatives) = (new long[count], new long[count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            (users[i], positives[i]) = Pairs[random.NextInt32(Pairs.Length)];
            negatives[i] = random.NextInt32(Items);
        }
        return (users, positives, negatives);
    }
}
