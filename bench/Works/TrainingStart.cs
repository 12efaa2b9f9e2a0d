using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Bench.Works;

/// <summary>LightGCN's training artifacts, opened anew: <c>start_ms</c> is the creation of the sessions and the first step.</summary>
internal sealed class TrainingStart : Work
{
    private const int BatchSize = 2048;

    private readonly TemporaryFolder _folder = new();
    private readonly RuntimeOptions _runtime;
    private readonly PreparedBatch _batch;
    private TrainingSession? _session;

    public TrainingStart(Arguments arguments)
    {
        var data = new Interactions(arguments.Inter);
        var catalogue = new Catalogue(data.Users, data.Items, null, null)
        {
            UserItems = UserItemGraph.Of(Dataset.From(new string[data.Users], new string[data.Items], [.. data.Pairs.Select(p => new Interaction(p.User, p.Item))], [])),
            BatchSize = BatchSize,
            Neighbours = (_, _) => throw new InvalidOperationException("LightGCN has no item graph"),
        };
        _runtime = arguments.Runtime;
        using var model = RecommenderModel.Create(_folder.Path, Recommender.All["lightgcn"], catalogue, new LightGcnOptions(), seed: 1, _runtime);
        var (users, positives, negatives) = data.Draw(BatchSize, new SeededRandom(1));
        _batch = model.Prepare(new Triples(users, positives, negatives), CancellationToken.None);
    }

    public override string What => "LightGCN's sessions from its files, and the first step";

    public override void Open() => _session = TrainingSession.Open(_folder.Path, _runtime);

    public override void Run() => _session!.Step(_batch.Inputs, learningRate: 1e-3);

    public override void Dispose()
    {
        _session?.Dispose();
        _folder.Dispose();
    }
}
