namespace LmmRec.Ranking;

/// <summary>The first items of some users, best first, with their scores: what metrics are made of, whatever ranked them.</summary>
/// <param name="users">dense indices of the users</param>
/// <param name="k">most items of a list</param>
public sealed class RankedLists(IReadOnlyList<int> users, int k)
{
    private readonly int[] _items = new int[(long)users.Count * k]; // [users, K]
    private readonly double[] _scores = new double[(long)users.Count * k];
    private readonly int[] _lengths = new int[users.Count];

    /// <summary>Dense indices of the users.</summary>
    public IReadOnlyList<int> Users => users;

    /// <summary>Most items of a list.</summary>
    public int K => k;

    /// <summary>The items of the user at <paramref name="position"/> of <see cref="Users"/>, best first; fewer than K where no more could be ranked.</summary>
    public ReadOnlySpan<int> this[int position] => _items.AsSpan(position * k, _lengths[position]);

    /// <summary>The scores of <see cref="this"/>, in the same order.</summary>
    public ReadOnlySpan<double> Scores(int position) => _scores.AsSpan(position * k, _lengths[position]);

    /// <summary>Puts the next item of a user's list behind those that it has. Different users may be filled by different threads.</summary>
    public void Add(int position, int item, double score)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_lengths[position], k);
        var at = position * k + _lengths[position]++;
        (_items[at], _scores[at]) = (item, score);
    }
}
