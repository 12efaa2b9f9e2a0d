using System.Text.Json.Nodes;
using LmmRec.Dense;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>Every recommender equals the published PyTorch code: losses of five steps, gradients of the first, parameters and scores after the last. With kernels, in the standard operators that other devices run, and with its state in a device's memory.</summary>
[Trait("Category", "Fixtures")]
public sealed class RecommenderFixtureTests : IDisposable
{
    private const double LossTolerance = 1e-5, GradientTolerance = 1e-4, ScoreTolerance = 1e-4, AfterTolerance = 1e-3;
    private const float GradientFloor = 1e-6f; // below it Adam turns rounding noise into whole steps

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public enum Runs
    {
        InKernels,
        InStandardOperators,
        OnDevice,
    }

    public static MatrixTheoryData<string, Runs> NamesAndWays => new(Recommender.All.Keys, Enum.GetValues<Runs>());

    [Theory]
    [MemberData(nameof(NamesAndWays))]
    public void A_recommender_computes_what_the_published_code_computes(string name, Runs runs)
    {
        var data = JsonNode.Parse(File.ReadAllText(Beside.Fixture("recommenders/data.json")))!;
        var description = JsonNode.Parse(File.ReadAllText(Beside.Fixture($"recommenders/{name}.json")))!;
        var expected = SafeTensors.Read(Beside.Fixture($"recommenders/{name}.safetensors"));
        // The head of the audio modality, which is not there, is no parameter here; there it is never touched.
        var published = expected.Keys.Where(key => key.StartsWith("grad/", StringComparison.Ordinal)).Select(key => key["grad/".Length..]).Where(p => !p.StartsWith("g_a_", StringComparison.Ordinal)).ToList();

        var recommender = Recommender.All[name];
        var catalogue = CatalogueOf(data, description, recommender);
        using var model = RecommenderModel.Create(_folder.Path, recommender, catalogue, OptionsOf(name, description), seed: 0, OptionsOf(runs));
        foreach (var (key, value) in expected.Where(t => t.Key.StartsWith("init/", StringComparison.Ordinal) && !t.Key.StartsWith("init/g_a_", StringComparison.Ordinal)))
            model.Session.SetParameter(PublishedNames.Ours(name, key["init/".Length..]), value);

        var losses = new List<float>();
        model.BeginEpoch(Cancellation);
        foreach (var batch in data["batches"]!.AsArray())
        {
            var prepared = model.Prepare(TriplesOf(batch!), Cancellation);
            if (description["kept_edges"] is JsonArray kept) prepared.Inputs["kept"] = KeptEdges(kept[losses.Count]!, catalogue.UserItems);
            losses.Add(model.Step(prepared, (double)data["learning_rate"]!).Loss);
            if (losses.Count > 1) continue;
            foreach (var parameter in published)
                AssertClose($"gradient of {parameter}", expected[$"grad/{parameter}"].As<float>(), model.Session.Gradient(PublishedNames.Ours(name, parameter)).As<float>(), GradientTolerance, GradientFloor);
        }
        AssertClose("losses", [.. description["losses"]!.AsArray().Select(l => (float)l!)], [.. losses], LossTolerance);
        foreach (var parameter in published)
        {
            var gradient = expected[$"grad/{parameter}"].As<float>();
            if (gradient.All(g => MathF.Abs(g) < GradientFloor)) continue;
            AssertClose($"{parameter} after five steps", expected[$"after/{parameter}"].As<float>(), model.Session.Parameter(PublishedNames.Ours(name, parameter)).As<float>(), AfterTolerance);
        }
        var (users, items) = model.Vectors(Cancellation);
        AssertClose("scores", expected["scores"].As<float>(),
            [.. Enumerable.Range(0, users.Count).SelectMany(u => Enumerable.Range(0, items.Count).Select(i => Dot(users[u], items[i])))], ScoreTolerance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RuntimeOptions OptionsOf(Runs runs) => runs == Runs.OnDevice ? new FakeDevice().Options : new RuntimeOptions { Device = TestDevice.Name, Threads = 2, Kernels = runs == Runs.InKernels };

    private static RecommenderOptions OptionsOf(string name, JsonNode description)
    {
        double Hyper(string key) => (double)description["hyper_parameters"]![key]!;
        var decay = (double)description["weight_decay"]!;
        RecommenderOptions options = name switch
        {
            "bpr" => new FactorizationOptions { Reg = Hyper("reg_weight") },
            "vbpr" => new FactorizationOptions { Reg = Hyper("reg_weight") },
            "lightgcn" => new LightGcnOptions { Reg = Hyper("reg_weight"), Layers = (int)Hyper("n_layers") },
            "mmgcn" => new MmgcnOptions { Reg = Hyper("reg_weight") },
            "mmgcl" => new MmgclOptions
            {
                Mode = MmgclMode.Released,
                Layers = (int)Hyper("layer_num"),
                Dropout = Hyper("dropout_rate"),
                Alpha = Hyper("ssl_alpha"),
                Temperature = Hyper("ssl_temp"),
            },
            "slmrec" => new SlmRecOptions { Alpha = Hyper("ssl_alpha"), Temperature = Hyper("ssl_temp") },
            "lattice" => new LatticeOptions { Reg = Hyper("reg_weight"), Neighbours = (int)Hyper("knn_k") },
            "freedom" => new FreedomOptions { Reg = Hyper("reg_weight"), Pruning = Hyper("dropout"), Neighbours = (int)Hyper("knn_k") },
            "bm3" => new Bm3Options { Layers = (int)Hyper("n_layers"), Dropout = Hyper("dropout"), Reg = Hyper("reg_weight"), ContrastWeight = Hyper("cl_weight") },
            "mgcn" => new MgcnOptions { Reg = Hyper("reg_weight"), ContrastWeight = Hyper("cl_loss"), Neighbours = (int)Hyper("knn_k") },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "has no reference values"),
        };
        return options with { WeightDecay = decay };
    }

    private static Catalogue CatalogueOf(JsonNode data, JsonNode description, Recommender recommender)
    {
        FeatureMatrix? Features(string modality) => recommender.UsesContent
            ? new FeatureMatrix([.. data[modality]!.AsArray().SelectMany(row => row!.AsArray().Select(v => (float)v!))], data[modality]![0]!.AsArray().Count)
            : null;
        var (users, items) = ((int)data["users"]!, (int)data["items"]!);
        var train = data["interactions"]!.AsArray().Where(i => (int)i![2]! == 0).Select(i => new Interaction((int)i![0]!, (int)i[1]!)).ToList();
        return new Catalogue(users, items, Features("visual"), Features("textual"))
        {
            UserItems = UserItemGraph.Of(Dataset.From(Ids(users), Ids(items), train, [])),
            BatchSize = (int)description["batch_size"]!,
            Neighbours = (features, k) => Neighbours.Of(features.Values, features.Width, k, threads: 2, Cancellation),
        };

        static string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];
    }

    // The values of the edges [users, items] that a step kept.
    private static TensorData KeptEdges(JsonNode edges, UserItemGraph graph)
    {
        var all = graph.Interactions(Normalization.Sym0);
        var numbers = new Dictionary<(int, int), int>();
        for (var user = 0; user < all.Rows; user++)
            for (var e = all.Starts[user]; e < all.Starts[user + 1]; e++) numbers[(user, all.Indices[e])] = e;
        int[] kept = [.. edges[0]!.AsArray().Zip(edges[1]!.AsArray(), (user, item) => numbers[((int)user!, (int)item!)]).Order()];
        return TensorData.Of(graph.ValuesOf(kept, Normalization.Sym0));
    }

    private static Triples TriplesOf(JsonNode batch)
    {
        long[] Indices(int i) => [.. batch[i]!.AsArray().Select(v => (long)v!)];
        return new Triples(Indices(0), Indices(1), Indices(2));
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);

    // error = max |a − b| / max |b|, as the fixtures' README defines it; with a floor, differences below it do not count.
    private static void AssertClose(string what, float[] expected, float[] actual, double tolerance, float floor = 0)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(MathF.Abs);
        var difference = expected.Zip(actual, (e, a) => float.IsFinite(a) ? MathF.Abs(e - a) : float.PositiveInfinity).Max();
        Assert.True(difference <= Math.Max(floor, tolerance * scale), $"{what}: differs by {difference:g3}, allowed {tolerance:g3} of {scale:g3}");
    }
}
