namespace LmmRec.Dense;

/// <summary>
/// Each item itself and the k − 1 most similar ones offered to it so far: which ones does not depend on the order of the offers. Rows may be offered
/// to in parallel.
/// </summary>
public sealed class NearestSoFar
{
    private readonly int _k;
    private readonly int[] _items;
    private readonly float[] _similarities;

    /// <param name="items">rows</param>
    /// <param name="k">kept of each, itself included</param>
    public NearestSoFar(int items, int k)
    {
        _k = k;
        (_items, _similarities) = (new int[items * k], new float[items * k]);
        Array.Fill(_items, -1);
        Array.Fill(_similarities, float.NegativeInfinity);
        // Before all others, also before any number of items with the same features, whose cosine may be rounded to more than 1.
        for (var row = 0; row < items; row++) (_items[row * k], _similarities[row * k]) = (row, float.PositiveInfinity);
    }

    /// <summary>Whether the row would keep such an offer.</summary>
    public bool WouldKeep(int row, int item, float similarity) => Before(similarity, item, row * _k + _k - 1);

    /// <summary>Keeps the item where it is nearer than one of those kept; of equally near ones the first by index.</summary>
    public void Offer(int row, int item, float similarity)
    {
        if (!WouldKeep(row, item, similarity)) return;
        var (first, at) = (row * _k, row * _k + _k - 1);
        for (; at > first && Before(similarity, item, at - 1); at--) (_items[at], _similarities[at]) = (_items[at - 1], _similarities[at - 1]);
        (_items[at], _similarities[at]) = (item, similarity);
    }

    /// <summary>What was kept; nothing may be offered any more.</summary>
    public Neighbours Result()
    {
        for (var e = 0; e < _items.Length; e++)
            if (_items[e] < 0) (_items[e], _similarities[e]) = (e / _k, 0);
            else if (e % _k == 0) _similarities[e] = 1;
        return new Neighbours(_k, _items, _similarities);
    }

    private bool Before(float similarity, int item, int at) =>
        similarity > _similarities[at] || (similarity == _similarities[at] && item < _items[at]);
}
