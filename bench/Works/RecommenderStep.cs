using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Bench.Works;

/// <summary>
/// One whole training step of a recommender as it is trained, on random features of the peer's widths: the host's work, gradients, update. Or what
/// the host makes anew at the beginning of an epoch, such as LATTICE's item graph.
/// </summary>
internal sealed class RecommenderStep : Work
{
    private const int VisualWidth = 4096, TextualWidth = 384, DefaultBatch = 2048;
    private const double LearningRate = 1e-3;

    private readonly Interactions _data;
    private readonly UserItemGraph _graph;
    private readonly TemporaryFolder _folder = new();
    private readonly Recommender _recommender;
    private readonly RecommenderOptions _options;
    private readonly RuntimeOptions _runtime;
    private readonly SeededRandom _random = new(1);
    private readonly int _batch;
    private readonly bool _rebuilds;
    private RecommenderModel? _model;

    public RecommenderStep(Arguments arguments, string name, RecommenderOptions options, bool rebuilds = false)
    {
        _data = new Interactions(arguments.Inter).Times(arguments.Scale);
        _batch = arguments.Batch == 0 ? DefaultBatch : arguments.Batch;
        (_recommender, _options, _runtime, _rebuilds) = (Recommender.All[name], options, arguments.Runtime, rebuilds);
        _graph = UserItemGraph.Of(Dataset.From(new string[_data.Users], new string[_data.Items], [.. _data.Pairs.Select(p => new Interaction(p.User, p.Item))], []));
    }

    public override string What => $"{_data.Users} users, {_data.Items} items, {_data.Pairs.Length} train pairs, {(_rebuilds ? "beginning of an epoch" : $"one training step, batch {_batch}")}";

    public override void Open()
    {
        _model = RecommenderModel.Create(_folder.Path, _recommender, MakeCatalogue(), _options, seed: 1, _runtime);
        _model.BeginEpoch(CancellationToken.None);
    }

    public override void Run()
    {
        if (_rebuilds)
        {
            _model!.BeginEpoch(CancellationToken.None);
            return;
        }
        var (users, positives, negatives) = _data.Draw(_batch, _random);
        _model!.Step(_model.Prepare(new Triples(users, positives, negatives), CancellationToken.None), LearningRate);
    }

    public override void Dispose()
    {
        _model?.Dispose();
        _folder.Dispose();
    }

    private Catalogue MakeCatalogue() => new(_data.Users, _data.Items, Features(VisualWidth), Features(TextualWidth))
    {
        UserItems = _graph,
        BatchSize = _batch,
        Neighbours = (_, k) => SomeNeighbours(k),
    };

    private FeatureMatrix? Features(int width) => _recommender.UsesContent ? new FeatureMatrix(Normal((long)_data.Items * width), width) : null;

    private float[] Normal(long count)
    {
        var values = new float[count];
        foreach (ref var value in values.AsSpan()) value = (float)_random.NextNormal();
        return values;
    }

    // The peer draws its item graph at random too: who is whose neighbour does not change the cost of a step.
    private Neighbours SomeNeighbours(int k)
    {
        var items = new int[_data.Items * k];
        var similarities = new float[items.Length];
        for (var e = 0; e < items.Length; e++) (items[e], similarities[e]) = e % k == 0 ? (e / k, 1) : (_random.NextInt32(_data.Items), 0.5f);
        return new Neighbours(k, items, similarities);
    }
}
