using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Training;
using LmmRec.Train.Tuning;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Bench.Works;

/// <summary>
/// An update of CLIP ViT-B/16 on the tuner's own path, pictures decoded and texts tokenised: of all blocks, or of the last ones, whose inputs may be
/// kept on disk. An epoch is as many of them as there are batches.
/// </summary>
internal sealed class TuneUpdate : Work
{
    private readonly Photos _photos;
    private readonly TuningPairs _pairs;
    private readonly PrefixStore? _kept;
    private readonly PairFeed _feed;
    private readonly TuningModel _model;
    private readonly TuneStep _step;
    private readonly int[] _places;

    public TuneUpdate(Arguments arguments, int? lastBlocks, KeptPrefix keep)
    {
        _photos = new Photos(arguments, rounded: false, items: 8);
        _places = [.. Enumerable.Range(0, _photos.Items.Count)];
        var options = new TuneOptions { Batch = _places.Length, MicroBatch = _places.Length, LastBlocks = lastBlocks, Augment = false, KeepPrefix = keep };
        var context = new StepContext(new ArtifactWriter(_photos.PathOf("tuned"), new Recipe("tune", 1, [], [])), new Silence(), TimeProvider.System, arguments.Threads, arguments.Device);
        _pairs = TuningPairs.ReadAsync(_photos.Ingest(), context, CancellationToken.None).GetAwaiter().GetResult();
        var encoder = TrainableEncoder.Open(_photos.Card);
        var graph = TunedGraph.Of(encoder, options);
        _feed = new PairFeed(encoder, _pairs, options.Seed, arguments.Threads);
        if (graph.Prefix is { } split)
        {
            var before = Environment.CpuUsage.TotalTime;
            _kept = PrefixStore.OpenAsync("clip", split, keep, _places, _feed.Of, context, CancellationToken.None).GetAwaiter().GetResult();
            _feed = new PairFeed(encoder, _pairs, options.Seed, arguments.Threads, _kept);
            What = $"; kept before the first update, CPU ms: {(Environment.CpuUsage.TotalTime - before).TotalMilliseconds:0}";
        }
        What = $"{_photos.Describe($"one update of {(lastBlocks is null ? "all blocks" : $"the last {lastBlocks} blocks")}")}{What}";
        _model = TuningModel.Create(_photos.PathOf("training"), encoder, graph, options, arguments.Runtime);
        _step = new TuneStep(_model, options.MicroBatch);
        Operations = OperationsOf(graph.Tuning.Graph, TuningPlan.AtOnce, _feed.Of(_places));
    }

    public override string What { get; } = "";

    public override double Operations { get; }

    public override bool Multiplies => true;

    public override void Run() => _step.Run(_places.Length, () => _feed.Of(_places), null, 1e-6);

    public override void Dispose()
    {
        _model.Dispose();
        _kept?.Dispose();
        _pairs.Dispose();
        _photos.Dispose();
    }
}
