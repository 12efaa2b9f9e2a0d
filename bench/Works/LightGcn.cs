using LmmRec.Artifacts;
using LmmRec.Graphs;

namespace LmmRec.Bench.Works;

/// <summary>LightGCN (He et al., 2020), two layers of 64 dimensions: one whole training step, with the peer's loss.</summary>
internal sealed class LightGcn : Work
{
    private const int D = 64;

    private readonly Interactions _data;
    private readonly TemporaryFolder _folder = new();
    private readonly TrainingSession _session;
    private readonly SeededRandom _random = new(1);
    private readonly int _batch;

    public LightGcn(Arguments arguments)
    {
        _data = new Interactions(arguments.Inter).Times(arguments.Scale);
        _batch = arguments.Batch == 0 ? 2048 : arguments.Batch;
        var (pattern, values) = _data.Adjacency();
        TrainingArtifacts.Write(_folder.Path, LightGcnGraph.Build(_data.Users, _data.Items, pattern, values, D), new TrainingPlan(), _random);
        _session = TrainingSession.Open(_folder.Path, arguments.Runtime);
    }

    public override string What => $"{_data.Users} users, {_data.Items} items, {_data.Pairs.Length} train pairs, one training step, batch {_batch}";

    public override void Run()
    {
        var (users, positives, negatives) = _data.Draw(_batch, _random);
        _session.Step(new Batch { ["users"] = TensorData.Of(users), ["positives"] = TensorData.Of(positives), ["negatives"] = TensorData.Of(negatives) }, learningRate: 1e-3);
    }

    public override void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
