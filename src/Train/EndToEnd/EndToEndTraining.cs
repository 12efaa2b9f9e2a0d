using System.Numerics.Tensors;
using LmmRec.Artifacts;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Harness;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.EndToEnd;

/// <summary>
/// Encoders that learn what a recommender's loss wants of its features (docs/recommenders.md#end-to-end). A step is <see cref="Encode"/>, the recommender's
/// step, and <see cref="Learn"/>; an epoch ends with <see cref="EndEpoch"/>.
/// </summary>
/// <param name="encoders">one that fills both slots, or one for each</param>
/// <param name="options">how they are trained</param>
/// <param name="steps">of the recommender in all epochs, over which the learning rate falls</param>
/// <param name="missing">what the rows of items without a picture or text are</param>
/// <param name="seed">of what is drawn</param>
internal sealed class EndToEndTraining(IReadOnlyList<EncoderModel> encoders, EndToEndOptions options, long steps, MissingPolicy missing, int seed) : IDisposable
{
    private const string Drawn = "encoded items";

    private readonly Dictionary<TrainedTower, double> _spreads = []; // of its vectors, when the training began or went on
    private readonly SortedDictionary<string, (double Total, int Count)> _sums = new(StringComparer.Ordinal); // over this epoch's updates
    private readonly Dictionary<TrainedTower, float[]> _epochGradients = []; // of all its items, [n, F], where an epoch is one step
    private readonly List<(EncoderModel Encoder, TrainedTower Tower, int[] Items, Batch Feed)> _encoded = []; // of this step
    private readonly Schedule _schedule = options.Schedule.Over(options.LearningRate, steps);

    private SeededRandom _random = SeededRandom.For(seed, Drawn);

    /// <summary>The encoders.</summary>
    public IReadOnlyList<EncoderModel> Encoders => encoders;

    /// <summary>What goes with the training: files that are read for feeds.</summary>
    public IReadOnlyList<IDisposable> Contents { get; init; } = [];

    /// <summary>What the encoders were opened from, by name; it writes them again.</summary>
    public IReadOnlyDictionary<string, TrainableEncoder> Parents { get; init; } = new Dictionary<string, TrainableEncoder>();

    /// <summary>Steps from one in which the recommender's item graph is built to the next.</summary>
    public int RebuildEvery => options.ItemGraphEvery;

    /// <summary>Pictures that ran through a tower since the training began or went on, whether for their vector or its gradient.</summary>
    public long Pictures { get; private set; }

    /// <summary>The tower all whose vectors became the same, such as <c>clip/visual</c>; null: there is none.</summary>
    public string? Collapsed { get; private set; }

    /// <summary>Looks at the vectors in the tables of <paramref name="model"/> with which it begins or goes on.</summary>
    public void Begin(RecommenderModel model)
    {
        foreach (var tower in encoders.SelectMany(encoder => encoder.Towers).Where(tower => tower.Items.Count > 0))
        {
            var table = model.Session.Parameter(tower.Table);
            var (values, width) = (table.As<float>(), (int)table.Shape[1]);
            _spreads[tower] = tower.Items.Max(item => Spread.Of(Row(tower.Items[0]), Row(item)));

            ReadOnlySpan<float> Row(int item) => values.AsSpan(item * width, width);
        }
    }

    /// <summary>Puts the vectors of the batch's items, or of some of them, into the tables of <paramref name="model"/>, where its next step has a gradient for them.</summary>
    public void Encode(Triples triples, RecommenderModel model, CancellationToken cancellation)
    {
        _encoded.Clear();
        if (options.Mode == EndToEndMode.Epoch || !model.RebuildsNext) return;
        int[] items = [.. triples.Positives.Concat(triples.Negatives).Distinct().Order().Select(item => (int)item)];
        if (items.Length > options.EncoderItems) items = Array.ConvertAll(Drawing.Uniform(items.Length, options.EncoderItems, _random), n => items[n]);
        foreach (var encoder in encoders)
            foreach (var tower in encoder.Towers)
                foreach (var (part, feed) in Feeds(tower, [.. items.Where(tower.Has)], cancellation))
                {
                    model.Session.SetRows(tower.Table, part, Vectors(encoder, tower, part, feed));
                    _encoded.Add((encoder, tower, part, feed));
                }
    }

    /// <summary>Takes the gradients of the step that <paramref name="model"/> has made: each encoder is updated with them, or at the end of the epoch.</summary>
    public void Learn(RecommenderModel model, CancellationToken cancellation)
    {
        foreach (var (encoder, tower, items, feed) in _encoded)
        {
            cancellation.ThrowIfCancellationRequested();
            Count(tower, items.Length);
            encoder.Accumulate(tower, feed, model.Session.Gradient(tower.Table, items));
        }
        foreach (var encoder in encoders.Where(encoder => _encoded.Exists(e => e.Encoder == encoder))) Update(encoder, model);
        _encoded.Clear();
        if (options.Mode == EndToEndMode.Step) return;
        foreach (var tower in encoders.SelectMany(encoder => encoder.Towers))
        {
            var gradients = model.Session.Gradient(tower.Table, tower.Items).As<float>();
            if (_epochGradients.TryGetValue(tower, out var sum)) TensorPrimitives.Add(sum, gradients, sum);
            else _epochGradients[tower] = gradients;
        }
    }

    /// <summary>Ends an epoch: all items are encoded anew. Gives the means of the gradients' norms and learning rates over its updates.</summary>
    public IReadOnlyDictionary<string, double> EndEpoch(RecommenderModel model, CancellationToken cancellation)
    {
        foreach (var encoder in encoders.Where(_ => options.Mode == EndToEndMode.Epoch))
        {
            foreach (var tower in encoder.Towers) AccumulateAll(encoder, tower, cancellation);
            Update(encoder, model);
        }
        _epochGradients.Clear();
        Refresh(model, cancellation);
        var means = _sums.ToDictionary(sum => sum.Key, sum => sum.Value.Total / sum.Value.Count);
        _sums.Clear();
        return means;
    }

    /// <summary>Keeps the encoders and all that their next steps depend on below <paramref name="folder"/>.</summary>
    public void Save(string folder)
    {
        foreach (var encoder in encoders) encoder.Session.Save(Path.Combine(folder, encoder.Name), new TrainingState(0) { Random = { [Drawn] = _random.State } });
    }

    /// <summary>Goes back to what was kept.</summary>
    public void Load(string folder)
    {
        foreach (var encoder in encoders) _random = new SeededRandom(encoder.Session.Load(Path.Combine(folder, encoder.Name)).Random[Drawn]);
    }

    public void Dispose()
    {
        foreach (var encoder in encoders) encoder.Dispose();
        foreach (var content in Contents) content.Dispose();
    }

    private void AccumulateAll(EncoderModel encoder, TrainedTower tower, CancellationToken cancellation)
    {
        var (gradients, done) = (_epochGradients[tower], 0);
        foreach (var (items, feed) in Feeds(tower, tower.Items, cancellation))
        {
            var width = gradients.Length / tower.Items.Count;
            Count(tower, items.Length);
            encoder.Accumulate(tower, feed, TensorData.Of(gradients.AsSpan(done * width, items.Length * width).ToArray(), items.Length, width));
            done += items.Length;
        }
    }

    // All rows of the tables; what stands for the items without a picture or text follows the others.
    private void Refresh(RecommenderModel model, CancellationToken cancellation)
    {
        foreach (var encoder in encoders)
            foreach (var tower in encoder.Towers)
            {
                double[]? sum = null;
                float[]? first = null;
                var spread = 0.0;
                foreach (var (items, feed) in Feeds(tower, tower.Items, cancellation))
                {
                    var vectors = Vectors(encoder, tower, items, feed);
                    model.Session.SetRows(tower.Table, items, vectors);
                    sum ??= new double[vectors.Shape[1]];
                    first ??= vectors.As<float>()[..sum.Length];
                    spread = Math.Max(spread, Spread.Of(first, vectors.As<float>()));
                    foreach (var (n, value) in vectors.As<float>().Index()) sum[n % sum.Length] += value;
                }
                if (spread < Spread.Least && _spreads.GetValueOrDefault(tower) >= Spread.Least) Collapsed = $"{encoder.Name}/{tower.Name}";
                if (missing != MissingPolicy.Mean || tower.Without.Count == 0) continue;
                var mean = Array.ConvertAll(sum!, total => (float)(total / tower.Items.Count));
                model.Session.SetRows(tower.Table, tower.Without, TensorData.Of([.. tower.Without.SelectMany(_ => mean)], tower.Without.Count, mean.Length));
            }
    }

    // What is run at once, made while the part before it runs.
    private IEnumerable<(int[] Items, Batch Feed)> Feeds(TrainedTower tower, IReadOnlyList<int> items, CancellationToken cancellation) =>
        Ahead.Of(items.Chunk(options.MicroBatch).Select(part =>
        {
            cancellation.ThrowIfCancellationRequested();
            return (part, tower.Feed(part));
        }));

    private TensorData Vectors(EncoderModel encoder, TrainedTower tower, int[] items, Batch feed)
    {
        Count(tower, items.Length);
        return encoder.Vectors(tower, feed);
    }

    private void Count(TrainedTower tower, int items) => Pictures += tower.IsVisual ? items : 0;

    private void Update(EncoderModel encoder, RecommenderModel model)
    {
        var rate = _schedule.At(model.Session.Steps - 1);
        Add("learning_rate", rate);
        Add("gradient_norm", encoder.Session.Update(rate));

        void Add(string name, double value)
        {
            var (total, count) = _sums.GetValueOrDefault($"{encoder.Name}/{name}");
            _sums[$"{encoder.Name}/{name}"] = (total + value, count + 1);
        }
    }
}
