namespace LmmRec.Train.Tuning.Data;

/// <summary>A batch under way: no two pairs in it have the same picture or the same text.</summary>
/// <param name="pairs">all pairs</param>
/// <param name="size">pairs of a full batch</param>
internal sealed class DistinctBatch(IReadOnlyList<Pair> pairs, int size)
{
    private readonly List<int> _members = new(size);
    private readonly HashSet<UInt128> _pictures = [], _texts = [];

    public bool IsFull => _members.Count == size;

    /// <summary>The pairs, in the order in which they came.</summary>
    public IReadOnlyList<int> Members => _members;

    /// <summary>Takes a pair, if there is room and its picture and text are not here.</summary>
    public bool TryAdd(int pair)
    {
        var (picture, text) = (pairs[pair].Picture, pairs[pair].Text);
        if (IsFull || _pictures.Contains(picture) || !_texts.Add(text)) return false;
        _pictures.Add(picture);
        _members.Add(pair);
        return true;
    }

    public void Clear()
    {
        _members.Clear();
        _pictures.Clear();
        _texts.Clear();
    }
}
