using LmmRec.Artifacts;
using LmmRec.Ranking;

namespace LmmRec.Bench.Works;

/// <summary>The twenty best items of every user by dot product over 64 dimensions, the training items masked.</summary>
internal sealed class Rank : Work
{
    private const int D = 64, K = 20;

    private readonly Interactions _data;
    private readonly Vectors _users;
    private readonly Vectors _items;
    private readonly ItemSets _seen;
    private readonly int[] _who;
    private readonly int _threads;
    private Ranker? _ranker;

    public Rank(Arguments arguments)
    {
        _data = new Interactions(arguments.Inter).Times(arguments.Scale);
        var random = new SeededRandom(1);
        _users = Normal(_data.Users, random);
        _items = Normal(_data.Items, random);
        _seen = ItemSets.Of(_data.Users, _data.Items, _data.Pairs);
        _who = [.. Enumerable.Range(0, _data.Users)];
        _threads = arguments.Threads;
    }

    public override string What => $"{_data.Users} users, {_data.Items} items, {_data.Pairs.Length} train pairs";

    public override void Open() => _ranker = new Ranker(_items);

    public override void Run() => _ranker!.Rank(_users, _who, _seen, K, _threads, (_, _, _) => { }, CancellationToken.None);

    public override void Dispose() => _ranker?.Dispose();

    private static Vectors Normal(int count, SeededRandom random)
    {
        var values = new float[count * D];
        foreach (ref var value in values.AsSpan()) value = (float)random.NextNormal();
        return new Vectors(values, D);
    }
}
