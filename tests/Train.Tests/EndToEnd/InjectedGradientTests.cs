using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests.EndToEnd;

public sealed class InjectedGradientTests : IDisposable
{
    private const int Users = 12, Items = 14;
    private static readonly string[] Weights = ["encoder/shared", "encoder/visual", "encoder/textual"];

    private readonly TemporaryFolder _folder = new();
    private readonly Dataset _data = Shop();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases => new MatrixTheoryData<string, bool>(Recommender.All.Values.Where(r => r.UsesContent).Select(r => r.Name), [true, false]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_has_the_gradient_of_one_graph_of_encoder_and_recommender(string name, bool allItems)
    {
        var catalogue = Catalogue();
        using var model = Model(Recommender.All[name], catalogue);
        bool[] present = [.. Enumerable.Range(0, Items).Select(item => item != 3)]; // one has neither picture nor text
        using var training = Training(catalogue, present, new EndToEndOptions { MicroBatch = 4, MaxGradientNorm = 1e6 });
        var triples = allItems ? Batch([.. Enumerable.Range(0, Items).Select(i => (long)i)]) : Batch([1, 3, 4, 8]);
        model.BeginEpoch(Cancellation);
        training.Encode(triples, model, Cancellation);
        var batch = model.Prepare(triples, Cancellation);

        using var whole = OneGraph(model, batch, catalogue, [.. Enumerable.Range(0, Items).Select(item => present[item] && (allItems || item is 1 or 4 or 8))]);
        model.Step(batch, 1e-3);
        training.Learn(model, Cancellation);

        whole.Accumulate(batch.Inputs.Only(whole.Inputs()));
        foreach (var weight in Weights)
        {
            var (expected, actual) = (whole.Gradient(weight).As<float>(), training.Encoders[0].Session.Gradient(weight).As<float>());
            Assert.True(expected.Max(Math.Abs) > 0, $"{weight} has no gradient, so the test tells nothing");
            var scale = expected.Max(Math.Abs);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * scale));
        }
    }

    // Encoder and recommender as one graph, in which the encoder makes the rows of the given items and the others are as they are.
    private TrainingSession OneGraph(RecommenderModel model, PreparedBatch batch, Catalogue catalogue, bool[] encoded)
    {
        var g = new Graph("whole");
        var recommender = Graph.Load(Path.Combine(_folder.PathOf("model"), "training_model.onnx"));
        var mask = g.Constant(TensorData.Of([.. encoded.Select(e => e ? 1f : 0f)], Items, 1));
        var inputs = recommender.Inputs.ToDictionary(input => input.Name, input =>
            catalogue.Modalities.FirstOrDefault(m => m.TableName == input.Name) is { } modality
                ? mask * TinyEncoder.All(g, modality.IsVisual, Items) + (1 - mask) * g.Constant(model.Session.Parameter(input.Name))
                : model.Session.Parameters.Contains(input.Name) ? g.Parameter(input.Name, model.Session.Parameter(input.Name), trainable: false)
                : g.Input(input.Name, input.Type, input.Shape));
        g.Output("loss", g.Insert(recommender, inputs)["loss"]);
        return TrainingSession.Create(_folder.PathOf("whole"), g, new TrainingPlan { Evaluation = ["loss"] }, new SeededRandom(1));
    }

    private RecommenderModel Model(Recommender recommender, Catalogue catalogue) => RecommenderModel.Create(
        _folder.PathOf("model"), recommender, catalogue, (RecommenderOptions)Activator.CreateInstance(recommender.OptionsType)!, 1, new RuntimeOptions { Threads = 1 });

    private EndToEndTraining Training(Catalogue catalogue, bool[] present, EndToEndOptions options)
    {
        var towers = catalogue.Modalities.Select(m => TinyEncoder.Tower(m, present)).ToList();
        return new EndToEndTraining([EncoderModel.Create(_folder.PathOf("encoder"), "tiny", towers, options, _ => true, new RuntimeOptions { Threads = 1 })], options, 100, MissingPolicy.Mean, 1);
    }

    private Catalogue Catalogue() => new(Users, Items, Features(1), Features(2))
    {
        UserItems = UserItemGraph.Of(_data),
        BatchSize = 32,
        Neighbours = (features, k) => Neighbours.Of(features.Values, features.Width, Math.Min(k, 4), 1, Cancellation),
        EndToEnd = true,
    };

    private static FeatureMatrix Features(long seed)
    {
        var random = new SeededRandom(seed);
        return new FeatureMatrix([.. Enumerable.Range(0, Items * TinyEncoder.Width).Select(_ => (float)random.NextNormal())], TinyEncoder.Width);
    }

    private static Triples Batch(long[] items) => new(
        [.. items.Index().Select(i => (long)(i.Index % Users))], items, [.. items.Reverse()]);

    private static Dataset Shop()
    {
        var random = new SeededRandom(5);
        var pairs = Enumerable.Range(0, Users * 4).Select(n => new Interaction(n % Users, random.NextInt32(Items))).Distinct().ToList();
        return Dataset.From([.. Enumerable.Range(0, Users).Select(u => $"u{u}")], [.. Enumerable.Range(0, Items).Select(i => $"i{i}")], pairs, []);
    }
}
