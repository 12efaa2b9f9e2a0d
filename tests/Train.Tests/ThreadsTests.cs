using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tests.Tuning;

namespace LmmRec.Train.Tests;

/// <summary>How many threads there are decides the time that a training takes, and no byte of what it gives.</summary>
public sealed class ThreadsTests : IDisposable
{
    private const int Users = 150, Items = 200, Width = 64; // of the small CLIP's vectors
    private static readonly int[] Others = [2, 3, 8];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Recommenders => [.. Recommender.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 5)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    [InlineData(false, 16)]
    public void An_encoder_has_the_same_vectors_and_gradients_on_any_number_of_threads(bool visual, int items)
    {
        var encoder = TrainableEncoder.Open(TuneShop.Card);
        var expected = Encoded(1);
        foreach (var threads in Others) AssertEqual(expected, Encoded(threads), threads);

        Dictionary<string, float[]> Encoded(int threads)
        {
            using var model = Model(encoder, visual, items, threads);
            var (tower, random) = (model.Towers[0], new SeededRandom(1));
            var feed = tower.Feed(tower.Items);
            var values = new Dictionary<string, float[]> { ["vectors"] = model.Vectors(tower, feed).As<float>() };
            model.Accumulate(tower, feed, TensorData.Of(Normal(items * Width, random), items, Width));
            foreach (var trained in tower.Graph.Parameters.Where(p => tower.Graph.Outputs.Values.Single().DependsOn(p.Tensor))) values[trained.Name] = model.Session.Gradient(trained.Name).As<float>();
            return values;
        }
    }

    [Theory]
    [MemberData(nameof(Recommenders))]
    public void A_recommender_has_the_same_parameters_after_two_steps_on_any_number_of_threads(string name)
    {
        var expected = Trained(1);
        foreach (var threads in Others) AssertEqual(expected, Trained(threads), threads);

        Dictionary<string, float[]> Trained(int threads)
        {
            var random = new SeededRandom(1);
            var pairs = Enumerable.Range(0, Users * 6).Select(n => new Interaction(n % Users, random.NextInt32(Items))).Distinct().ToList();
            var data = Dataset.From([.. Enumerable.Range(0, Users).Select(u => $"u{u}")], [.. Enumerable.Range(0, Items).Select(i => $"i{i}")], pairs, []);
            var content = Recommender.All[name].UsesContent;
            var catalogue = new Catalogue(Users, Items, content ? new FeatureMatrix(Normal(Items * 512, random), 512) : null, content ? new FeatureMatrix(Normal(Items * 384, random), 384) : null)
            {
                UserItems = UserItemGraph.Of(data),
                BatchSize = 256,
                Neighbours = (features, k) => Neighbours.Of(features.Values, features.Width, k, threads, Cancellation),
            };
            using var model = RecommenderModel.Create(_folder.PathOf($"{threads}"), Recommender.All[name], catalogue, SmallModel.Default(name), seed: 1, new RuntimeOptions { Threads = threads });
            model.BeginEpoch(Cancellation);
            var sampler = new TripleSampler(data, 256, new SeededRandom(2));
            foreach (var triples in sampler.Epoch().Take(2)) model.Step(model.Prepare(triples, Cancellation), 1e-3);
            return model.Session.Parameters.ToDictionary(parameter => parameter, parameter => model.Session.Parameter(parameter).As<float>());
        }
    }

    private static void AssertEqual(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual, int threads)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, value => Assert.True(value.Value.AsSpan().SequenceEqual(actual[value.Key]), $"{value.Key} differs on {threads} threads"));
    }

    private EncoderModel Model(TrainableEncoder encoder, bool visual, int items, int threads)
    {
        var slot = new Modality(visual, new FeatureMatrix(new float[items * Width], Width), Encoded: true);
        bool[] present = [.. Enumerable.Repeat(true, items)];
        var tower = visual
            ? new TrainedTower(slot, encoder.Visual!, present, rows => encoder.Pictures!.Feed([.. rows.SelectMany(item => Enumerable.Range(0, encoder.Pictures.Size).Select(n => MathF.Sin(item * 7 + n)))]))
            : new TrainedTower(slot, encoder.Textual!, present, rows => encoder.Texts!.Feed([.. rows.Select(item => encoder.Texts.Tokenize($"a mug of kind {item}, for tea"))]));
        return EncoderModel.Create(_folder.PathOf($"{threads}"), "clip", [tower], new EndToEndOptions(), _ => true, new RuntimeOptions { Threads = threads });
    }

    private static float[] Normal(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
}
