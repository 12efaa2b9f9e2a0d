using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>
/// What must hold for any data: every model in every mode and modality learns, and begins at the values of docs/recommenders.md#known-values.
/// </summary>
public sealed class RecommenderTests : IDisposable
{
    private const int Users = SmallModel.Users, Items = SmallModel.Items, BatchSize = SmallModel.BatchSize;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, RecommenderOptions, string> Variants()
    {
        var variants = new TheoryData<string, RecommenderOptions, string>();
        foreach (var recommender in Recommender.All.Values)
            foreach (var modalities in recommender.NeedsBothModalities || !recommender.UsesContent ? ["vt"] : new[] { "v", "t", "vt" })
                variants.Add(recommender.Name, (RecommenderOptions)Activator.CreateInstance(recommender.OptionsType)!, modalities);
        variants.Add("mmgcn", new MmgcnOptions { Mode = MmgcnMode.Paper }, "vt");
        variants.Add("mmgcl", new MmgclOptions { Mode = MmgclMode.Released }, "vt");
        variants.Add("mmgcl", new MmgclOptions { Masking = MmgclMasking.RandomFeatures }, "vt");
        variants.Add("lattice", new LatticeOptions { ItemLayers = 2 }, "vt");
        return variants;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_recommender_learns_in_every_mode_and_on_every_modality(string name, RecommenderOptions options, string modalities)
    {
        var data = SmallModel.Data();
        using var model = Create(name, options with { LearningRate = 0.01 }, modalities, data);
        var losses = Train(model, data, epochs: 12);
        Assert.All(losses, loss => Assert.True(float.IsFinite(loss)));
        Assert.True(losses[^1] < losses[0], $"the loss went from {losses[0]} to {losses[^1]}");
        var (users, items) = model.Vectors(Cancellation);
        Assert.Equal((Users, Items), (users.Count, items.Count));
        Assert.All(Enumerable.Range(0, Users), u => Assert.DoesNotContain(users[u].ToArray(), v => !float.IsFinite(v)));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Zero_rows_isolated_nodes_and_a_user_who_saw_everything_never_make_a_NaN(string name, RecommenderOptions options, string modalities)
    {
        // User 0 has no item, user 1 has all but the last one, which is nobody's.
        var data = SmallModel.Data([.. SmallModel.Pairs().Where(pair => pair.User > 1), .. Enumerable.Range(0, Items - 1).Select(item => new Interaction(1, item))]);
        Assert.Equal(1, data.UsersWithEverythingSeen);
        using var model = Create(name, options with { LearningRate = 0.01 }, modalities, data, zeroRows: [0, Items / 2, Items - 1]);
        Assert.All(Train(model, data, epochs: 4), loss => Assert.True(float.IsFinite(loss)));
        var (users, items) = model.Vectors(Cancellation);
        foreach (var vectors in new[] { users, items })
            for (var row = 0; row < vectors.Count; row++) Assert.DoesNotContain(vectors[row].ToArray(), v => !float.IsFinite(v));
    }

    [Theory]
    [InlineData("mmgcl")]
    [InlineData("freedom")]
    [InlineData("bm3")]
    [InlineData("lattice")]
    public void The_same_seed_gives_the_same_losses_whatever_the_host_draws(string name)
    {
        float[] Losses(string folder)
        {
            var data = SmallModel.Data();
            using var model = Create(name, SmallModel.Default(name), "vt", data, folder);
            return [.. Train(model, data, epochs: 2)];
        }
        Assert.Equal(Losses("a"), Losses("b"));
    }

    [Theory]
    [InlineData("bpr", "bpr", 0.6931)]
    [InlineData("lightgcn", "bpr", 0.6931)]
    [InlineData("lattice", "bpr", 0.6931)]
    [InlineData("bm3", "pairs", 2)]
    [InlineData("bm3", "contrasts", 8)]
    [InlineData("slmrec", "main", 4.1589)] // ln 64
    public void The_first_batch_has_the_loss_of_a_model_that_knows_nothing(string name, string part, double expected)
    {
        var data = SmallModel.Data();
        using var model = Create(name, SmallModel.Default(name), "vt", data);
        model.BeginEpoch(Cancellation);
        var result = model.Step(model.Prepare(new TripleSampler(data, BatchSize, new SeededRandom(1)).Epoch().First(), Cancellation), 1e-3);
        Assert.Equal(expected, result.Parts[part], expected * 0.12);
    }

    [Fact]
    public void Frozen_tables_of_the_released_MMGCN_keep_their_values_and_those_of_the_paper_do_not()
    {
        var data = SmallModel.Data();
        foreach (var mode in Enum.GetValues<MmgcnMode>())
        {
            using var model = Create("mmgcn", new MmgcnOptions { Mode = mode }, "vt", data, mode.ToString());
            var before = model.Session.Parameter("ids").As<float>();
            Train(model, data, epochs: 1);
            Assert.Equal(mode == MmgcnMode.Released, before.SequenceEqual(model.Session.Parameter("ids").As<float>()));
        }
    }

    [Fact]
    public void Lattice_weighs_modalities_equally_at_first_and_moves_its_graph_in_every_batch()
    {
        var data = SmallModel.Data();
        using var model = Create("lattice", new LatticeOptions(), "vt", data);
        Assert.Equal([0.5f, 0.5f], model.Session.Parameter("modality-weights").As<float>());
        model.BeginEpoch(Cancellation);
        var moved = new List<float[]> { model.Session.Parameter("visual/projection/weight").As<float>() };
        foreach (var triples in new TripleSampler(data, BatchSize, new SeededRandom(1)).Epoch().Take(3))
        {
            model.Step(model.Prepare(triples, Cancellation), 1e-3);
            moved.Add(model.Session.Parameter("visual/projection/weight").As<float>());
            Assert.NotEqual(moved[^2], moved[^1]); // the first by its gradient, the others by Adam's momentum (docs/recommenders.md#lattice)
        }
        Assert.All(model.Session.Gradient("visual/projection/weight").As<float>(), g => Assert.Equal(0, g));
    }

    [Theory]
    [InlineData("mmgcn")]
    [InlineData("lattice")]
    public void Vectors_are_there_before_the_first_epoch_and_its_beginning_does_not_change_them(string name)
    {
        using var model = Create(name, SmallModel.Default(name), "vt", SmallModel.Data());
        var (before, _) = model.Vectors(Cancellation);
        model.BeginEpoch(Cancellation);
        var (after, _) = model.Vectors(Cancellation);
        for (var user = 0; user < Users; user++) Assert.Equal(before[user].ToArray(), after[user].ToArray());
    }

    private static List<float> Train(RecommenderModel model, Dataset data, int epochs)
    {
        var sampler = new TripleSampler(data, BatchSize, new SeededRandom(1));
        var means = new List<float>();
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            model.BeginEpoch(Cancellation);
            means.Add(sampler.Epoch().Select(triples => model.Step(model.Prepare(triples, Cancellation), 0.01).Loss).ToList().Average());
        }
        return means;
    }

    private RecommenderModel Create(string name, RecommenderOptions options, string modalities, Dataset data, string folder = "model", params int[] zeroRows) =>
        SmallModel.Create(_folder.PathOf(folder), name, options, data, new RuntimeOptions { Threads = 2 }, modalities, zeroRows);
}
