using LmmRec.Artifacts.Steps;
using LmmRec.Dense;
using LmmRec.Encoders;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Search;
using LmmRec.Train.Tuning;

namespace LmmRec.Train;

/// <summary>What the training of a case takes, by the graph of its recommender on a stand-in of a data set's size, and by those of its encoders.</summary>
/// <param name="options">how cases are trained</param>
/// <param name="search">how many of their settings are, and how far; default: all to the end</param>
internal sealed class CaseWork(TrainOptions options, SearchOptions? search = null)
{
    // Of vectors that nobody has made yet.
    private const int UsualWidth = 512;

    // Of all interactions: the usual split.
    private const double TrainingShare = 0.8;

    private readonly Dictionary<DatasetSize, UserItemGraph> _standIns = [];
    private readonly Dictionary<(string Recommender, string? Modalities, RecommenderOptions Hyper, DatasetSize Size), RecommenderCost?> _recommenders = []; // of many cases each
    private readonly Dictionary<(string Card, bool IsVisual), TowerWork?> _towers = [];

    /// <summary>The work of a case where no training ends early; null: it is not known.</summary>
    public StepWork? Of(TrainCase trainCase, IReadOnlyList<Setting> settings, DatasetSize size)
    {
        // The points of a grid differ in numbers more than in shapes: the first stands for all.
        var epochs = settings.Select(setting => ((RecommenderOptions)setting.Options).Epochs ?? options.Epochs).ToList();
        if (Training(trainCase, (RecommenderOptions)settings[0].Options, size) is not { } first) return null;
        var most = SearchPlan.Epochs(epochs, options.EvaluateEvery, search ?? new SearchOptions());
        var times = most / (double)epochs[0];
        return first with
        {
            MultiplyAdds = times * first.MultiplyAdds,
            BytesMoved = times * first.BytesMoved,
            What = $"at most {most} epochs{(settings.Count > 1 ? $" of {settings.Count} settings" : "")} of {Batches(size)} batches",
        };
    }

    private StepWork? Training(TrainCase trainCase, RecommenderOptions hyper, DatasetSize size)
    {
        var key = (trainCase.Recommender.Name, trainCase.Modalities, hyper, size);
        if (!_recommenders.TryGetValue(key, out var recommender)) _recommenders[key] = recommender = Recommender(trainCase, hyper, size);
        if (recommender is not { } made || (trainCase.EndToEnd ? Encoders(trainCase, size) : default(EncoderCost)) is not { } encoded) return null;
        var epochs = hyper.Epochs ?? options.Epochs;
        var all = encoded.Once + epochs * (Batches(size) * made.Batch + 1.0 / options.EvaluateEvery * made.Evaluation + encoded.Epoch);
        return new StepWork(
            all.MultiplyAdds, all.Bytes + epochs * TuningWork.UpdateBytes * (Batches(size) * made.Trained + encoded.Updates * encoded.Trained),
            sizeof(float) * (made.Parameters + 3.0 * made.Trained + encoded.Parameters + 3.0 * encoded.Trained) + made.Batch.Written + encoded.Written,
            sizeof(float) * (made.Parameters + 2.0 * made.Trained + (double)(size.Users + size.Items) * made.Width + encoded.Parameters), "");
    }

    /// <summary>What a recommender takes, whatever made its features.</summary>
    /// <param name="Batch">a step, without the update</param>
    /// <param name="Evaluation">a look at the validation split</param>
    /// <param name="Parameters">numbers of all its tables</param>
    /// <param name="Trained">those that are trained</param>
    /// <param name="Width">of its vectors</param>
    private readonly record struct RecommenderCost(GraphWork Batch, GraphWork Evaluation, double Parameters, double Trained, long Width);

    private RecommenderCost? Recommender(TrainCase trainCase, RecommenderOptions hyper, DatasetSize size)
    {
        var (g, catalogue) = (new Graph(trainCase.Recommender.Name), StandIn(trainCase, size));
        var graph = trainCase.Recommender.Build(g, new TripleInputs(Indices("users"), Indices("positives"), Indices("negatives")), catalogue, hyper);
        var loss = graph.LaterLoss?.Total ?? graph.Loss; // that of most batches
        var trained = g.Parameters.Where(p => p.Trainable && loss.DependsOn(p.Tensor)).ToList();
        var sizes = Sizes(g, catalogue);
        if (GraphWork.Of([loss, .. loss.Gradients(trained.ConvertAll(p => p.Tensor))], sizes) is not { } batch || GraphWork.Of([graph.UserVectors, graph.ItemVectors], sizes) is not { } vectors) return null;
        var width = graph.ItemVectors.Shape[1].Value;
        return new RecommenderCost(batch, vectors + new GraphWork((double)size.Users * size.Items * width, 0, 0), g.Parameters.Sum(Size), trained.Sum(Size), width);

        Tensor Indices(string name) => g.Input(name, ElementType.Int64, ["batch"]);

        static long Size(Parameter parameter) => parameter.Tensor.Shape.Size.Value;
    }

    // What names in shapes stand for: items of a batch, each once, and what perturbed and learned graphs have of edges, which is some share of all.
    private Dictionary<string, long> Sizes(Graph g, Catalogue catalogue)
    {
        var sizes = g.Inputs.SelectMany(input => input.Shape).Where(size => !size.IsFixed).Select(size => size.ToString()).Distinct().ToDictionary(name => name, _ => (long)catalogue.UserItems.Edges);
        sizes["batch"] = options.BatchSize;
        sizes[TouchedItems.Count] = Math.Min(catalogue.Items, 2L * options.BatchSize);
        return sizes;
    }

    /// <summary>What encoders add that are trained with the recommender.</summary>
    /// <param name="Once">before the first epoch</param>
    /// <param name="Epoch">in each epoch</param>
    /// <param name="Updates">of each epoch</param>
    /// <param name="Written">what is held of a part that is run at once</param>
    /// <param name="Parameters">numbers of the encoders</param>
    /// <param name="Trained">those that are trained</param>
    private readonly record struct EncoderCost(GraphWork Once, GraphWork Epoch, double Updates, double Written, double Parameters, double Trained);

    private EncoderCost? Encoders(TrainCase trainCase, DatasetSize size)
    {
        var ete = options.Ete;
        var isEpoch = ete.Mode == EndToEndMode.Epoch;
        var updates = isEpoch ? 1 : Batches(size);
        var taught = isEpoch ? size.Items : Math.Min(ete.EncoderItems, Math.Min(size.Items, 2L * options.BatchSize)); // items of an update
        var cost = new EncoderCost(default, default, updates, 0, 0, 0);
        foreach (var (isVisual, source) in CaseEncoders.Slots(trainCase))
        {
            var key = (source.Card!, isVisual);
            if (!_towers.TryGetValue(key, out var known)) _towers[key] = known = TowerWork.Of(source.Card!, isVisual, graph => TrainedParameters.Require(graph, ete.LastBlocks), ete.KeepPrefix != KeptPrefix.None);
            if (known is not { } tower) return null;
            var epoch = updates * taught * ((isEpoch ? 0 : 1) * tower.Forward + tower.Training) + size.Items * tower.Forward; // encoded, taught, and all encoded anew
            cost = new EncoderCost(
                cost.Once + size.Items * tower.Prefix, cost.Epoch + epoch, updates, Math.Max(cost.Written, ete.MicroBatch * tower.Forward.Written),
                cost.Parameters + tower.Parameters, cost.Trained + tower.Trained);
        }
        return cost;
    }

    private long Batches(DatasetSize size) => (long)Math.Ceiling(TrainingShare * size.Interactions / options.BatchSize);

    private Catalogue StandIn(TrainCase trainCase, DatasetSize size)
    {
        if (!_standIns.TryGetValue(size, out var graph)) _standIns[size] = graph = UserItemGraph.Of(EvenlySpread(size));
        return new Catalogue(graph.Users, graph.Items, Features('v'), Features('t'))
        {
            UserItems = graph,
            BatchSize = options.BatchSize,
            Neighbours = (features, k) => NextOnes(features.Items, Math.Min(k, features.Items)),
        };

        FeatureMatrix? Features(char modality) => trainCase.Modalities?.Contains(modality) == true ? new FeatureMatrix(new float[graph.Items * UsualWidth], UsualWidth) : null;
    }

    // All users have as many items, and all items as many users.
    private static Dataset EvenlySpread(DatasetSize size)
    {
        var (users, items, interactions) = ((int)size.Users, (int)size.Items, (int)(TrainingShare * size.Interactions));
        var pairs = Enumerable.Range(0, interactions).Select(n => new Interaction(n % users, (n % users + n / users) % items));
        return Dataset.From(new string[users], new string[items], [.. pairs], []);
    }

    private static Neighbours NextOnes(int items, int k) =>
        new(k, [.. Enumerable.Range(0, items * k).Select(n => (n / k + n % k) % items)], [.. Enumerable.Repeat(1f, items * k)]);
}
