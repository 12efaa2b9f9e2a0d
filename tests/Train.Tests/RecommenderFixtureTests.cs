using System.Text.Json.Nodes;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>Every recommender equals the published PyTorch code: losses of five steps, gradients of the first, parameters and scores after the last.</summary>
[Trait("Category", "Fixtures")]
public sealed class RecommenderFixtureTests : IDisposable
{
    private const double LossTolerance = 1e-5, GradientTolerance = 1e-4, ScoreTolerance = 1e-4, AfterTolerance = 1e-3;
    private const float GradientFloor = 1e-6f; // below it Adam turns rounding noise into whole steps

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bpr")]
    [InlineData("vbpr")]
    public void A_recommender_computes_what_the_published_code_computes(string name)
    {
        var data = JsonNode.Parse(File.ReadAllText(Beside.Fixture("recommenders/data.json")))!;
        var model = JsonNode.Parse(File.ReadAllText(Beside.Fixture($"recommenders/{name}.json")))!;
        var expected = SafeTensors.Read(Beside.Fixture($"recommenders/{name}.safetensors"));
        var published = model["parameters"]!.AsObject().Select(p => p.Key).ToList();

        var recommender = Recommender.All[name];
        RecommenderModel.Write(_folder.Path, recommender, CatalogueOf(data, recommender), OptionsOf(name, data, model), seed: 0);
        using var session = TrainingSession.Open(_folder.Path);
        foreach (var parameter in published) session.SetParameter(Ours(parameter), expected[$"init/{parameter}"]);

        var losses = new List<float>();
        foreach (var batch in data["batches"]!.AsArray())
        {
            losses.Add(session.Step(RecommenderModel.Feed(TriplesOf(batch!)), Double(data["learning_rate"]!)).Loss);
            if (losses.Count > 1) continue;
            foreach (var parameter in published)
                AssertClose($"gradient of {parameter}", expected[$"grad/{parameter}"].As<float>(), session.Gradient(Ours(parameter)).As<float>(), GradientTolerance, GradientFloor);
        }
        AssertClose("losses", [.. model["losses"]!.AsArray().Select(l => (float)l!)], [.. losses], LossTolerance);
        foreach (var parameter in published)
        {
            var gradient = expected[$"grad/{parameter}"].As<float>();
            if (gradient.All(g => MathF.Abs(g) < GradientFloor)) continue;
            AssertClose($"{parameter} after five steps", expected[$"after/{parameter}"].As<float>(), session.Parameter(Ours(parameter)).As<float>(), AfterTolerance);
        }
        var (users, items) = RecommenderModel.Vectors(session);
        AssertClose("scores", expected["scores"].As<float>(),
            [.. Enumerable.Range(0, users.Count).SelectMany(u => Enumerable.Range(0, items.Count).Select(i => Dot(users[u], items[i])))], ScoreTolerance);
    }

    private static string Ours(string published) => published switch
    {
        "user_embedding.weight" or "u_embedding" => "user_embedding",
        "item_embedding.weight" or "i_embedding" => "item_embedding",
        _ => published,
    };

    private static RecommenderOptions OptionsOf(string name, JsonNode data, JsonNode model)
    {
        var reg = Double(model["hyper_parameters"]!["reg_weight"]!);
        var rate = Double(data["learning_rate"]!);
        int Width(string parameter) => (int)model["parameters"]![parameter]![1]!;
        return name switch
        {
            "bpr" => new BprOptions { Reg = reg, LearningRate = rate, Dimensions = Width("item_embedding.weight") },
            "vbpr" => new VbprOptions { Reg = reg, LearningRate = rate, Dimensions = Width("i_embedding") },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }

    private static Catalogue CatalogueOf(JsonNode data, Recommender recommender)
    {
        FeatureMatrix? Features(string modality) => recommender.UsesContent
            ? FeatureMatrix.Assemble([.. data[modality]!.AsArray().Select(row => row!.AsArray().Select(v => (float)v!).ToArray())], data[modality]![0]!.AsArray().Count, MissingPolicy.Zero)
            : null;
        return new Catalogue((int)data["users"]!, (int)data["items"]!, Features("visual"), Features("textual"));
    }

    private static Triples TriplesOf(JsonNode batch)
    {
        long[] Indices(int i) => [.. batch[i]!.AsArray().Select(v => (long)v!)];
        return new Triples(Indices(0), Indices(1), Indices(2));
    }

    private static double Double(JsonNode value) => value.GetValue<double>();

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
