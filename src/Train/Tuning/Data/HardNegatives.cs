using LmmRec.Dense;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// Other pairs that the present vectors take most easily for a pair (docs/encoders.md#hard-negatives): the texts nearest to its picture and the pictures
/// nearest to its text. Near-duplicates are never among them.
/// </summary>
internal sealed class HardNegatives
{
    private readonly NearDuplicates _near;
    private readonly Dictionary<int, int> _rows = []; // of pairs
    private readonly IReadOnlyList<int> _chosen;
    private readonly Neighbours _texts, _pictures;

    private HardNegatives(NearDuplicates near, IReadOnlyList<int> chosen, Neighbours texts, Neighbours pictures)
    {
        (_near, _chosen, _texts, _pictures) = (near, chosen, texts, pictures);
        foreach (var (row, pair) in chosen.Index()) _rows[pair] = row;
    }

    /// <summary>Finds them among <paramref name="chosen"/>; memory beyond the vectors is some numbers a pair.</summary>
    /// <param name="pairs">all pairs</param>
    /// <param name="textOf">the text of a pair</param>
    /// <param name="chosen">indices of the pairs that are compared</param>
    /// <param name="images">their pictures' vectors [chosen × width]</param>
    /// <param name="texts">their texts' vectors [chosen × width]</param>
    /// <param name="count">how many for a picture, and how many for a text; at least 1</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks</param>
    public static HardNegatives Mine(
        IReadOnlyList<Pair> pairs, Func<int, string> textOf, IReadOnlyList<int> chosen, float[] images, float[] texts, int count, int threads, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var width = images.Length / chosen.Count;
        var near = new NearDuplicates([.. chosen.Select(pair => pairs[pair])], row => textOf(chosen[row]), images, width);
        return new HardNegatives(near, chosen, Nearest(images, texts), Nearest(texts, images));

        Neighbours Nearest(float[] queries, float[] candidates) => HardNegatives.Nearest(new Cosines(queries, candidates, width), near, count, threads, cancellation);
    }

    /// <summary>Those of a pair: the nearest text's, the nearest picture's, the next nearest text's, …</summary>
    public IEnumerable<int> Of(int pair)
    {
        var row = _rows[pair];
        return Enumerable.Range(row * _texts.K, _texts.K).SelectMany(e => new[] { _texts.Items[e], _pictures.Items[e] }).Where(other => other != row).Distinct().Select(other => _chosen[other]);
    }

    /// <summary>Whether two pairs are near-duplicates.</summary>
    public bool AreNear(int a, int b) => _near.Are(_rows[a], _rows[b]);

    private static Neighbours Nearest(Cosines cosines, NearDuplicates near, int count, int threads, CancellationToken cancellation)
    {
        var nearest = new NearestSoFar(cosines.RowsOfA, count + 1); // the pair itself is the first
        cosines.Visit(
            threads,
            () => nearest,
            (nearest, row, other, cosine) =>
            {
                // Looking closely costs more than multiplying, so only what would be kept is looked at.
                if (row != other && nearest.WouldKeep(row, other, cosine) && !near.Are(row, other)) nearest.Offer(row, other, cosine);
            },
            _ => { },
            cancellation);
        return nearest.Result();
    }
}
