using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Graphs.Onnx;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>What holds of every recommender whose state lies in a device's memory (docs/gpu.md), on a device without hardware.</summary>
public sealed class DeviceTests : IDisposable
{
    private const int OptimizerBytes = sizeof(double) + sizeof(long); // learning rate and number of the step

    private readonly TemporaryFolder _folder = new();
    private readonly FakeDevice _device = new();

    public static TheoryData<string> Names => [.. Recommender.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_takes_the_batch_to_the_device_and_brings_losses_and_norm_back_and_nothing_else(string name)
    {
        using var model = SmallModel.Create(_folder.Path, name, SmallModel.Default(name), SmallModel.Data(), _device.Options);
        model.BeginEpoch(Cancellation);
        foreach (var (step, triples) in new TripleSampler(SmallModel.Data(), SmallModel.BatchSize, new SeededRandom(1)).Epoch().Take(4).Index())
        {
            var batch = model.Prepare(triples, Cancellation);
            var (copiedIn, copiedOut) = (_device.CopiedIn, _device.CopiedOut);
            model.Step(batch, 0.01);
            if (step < 2) continue; // the first steps of two losses: where one reaches less than the other, zeros are taken to the device once
            Assert.Equal(batch.Inputs.Values.Sum(t => t.Values.LongLength * t.Type.Bytes()) + OptimizerBytes, _device.CopiedIn - copiedIn);
            Assert.Equal(0, _device.CopiedOut - copiedOut);
        }
        Assert.All(model.Session.Bindings.Where(b => !b.IsInput && b.Place == Place.Host && !b.Graph.StartsWith("eval_model", StringComparison.Ordinal)), b => Assert.InRange(b.Bytes, 4, 8));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_moments_gradients_and_frozen_tables_are_bound_once_and_lie_on_the_device(string name)
    {
        using var model = SmallModel.Create(_folder.Path, name, SmallModel.Default(name), SmallModel.Data(), _device.Options);
        Train(model, new TripleSampler(SmallModel.Data(), SmallModel.BatchSize, new SeededRandom(1)), epochs: 2);
        model.Vectors(Cancellation);
        var tables = model.Session.Bindings.Where(b => b is { IsInput: true, EachRun: false }).ToList();
        Assert.All(tables, b => Assert.Equal((Place.Device, 1), (b.Place, b.Times)));
        Assert.Superset(model.Session.Parameters.ToHashSet(), tables.Select(b => b.Name).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_training_that_ends_and_goes_on_gives_the_same_bytes_as_an_unbroken_one(string name)
    {
        var sampler = Sampler();
        using (var whole = Create("whole"))
        {
            Train(whole, sampler, epochs: 3);
            whole.Session.Save(_folder.PathOf("expected"));
        }
        sampler = Sampler();
        ulong[] augmentation;
        using (var killed = Create("killed"))
        {
            Train(killed, sampler, epochs: 1);
            killed.Session.Save(_folder.PathOf("state"));
            augmentation = killed.Random.State;
        }
        using (var resumed = Create("resumed"))
        {
            resumed.Session.Load(_folder.PathOf("state"));
            resumed.Random = new SeededRandom(augmentation);
            Train(resumed, sampler, epochs: 2);
            resumed.Session.Save(_folder.PathOf("actual"));
        }
        foreach (var file in Directory.EnumerateFiles(_folder.PathOf("expected")).Select(Path.GetFileName))
            Assert.True(File.ReadAllBytes(Path.Combine(_folder.PathOf("expected"), file!)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_folder.PathOf("actual"), file!))), $"{file} differs");

        static TripleSampler Sampler() => new(SmallModel.Data(), SmallModel.BatchSize, new SeededRandom(1));

        RecommenderModel Create(string folder) => SmallModel.Create(_folder.PathOf(folder), name, SmallModel.Default(name), SmallModel.Data(), _device.Options);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_graph_of_a_recommender_holds_a_ScatterND(string name)
    {
        SmallModel.Create(_folder.Path, name, SmallModel.Default(name), SmallModel.Data(), new RuntimeOptions { Threads = 2 }).Dispose();
        var files = Directory.GetFiles(_folder.Path, "*.onnx");
        Assert.Contains("training_model.onnx", files.Select(Path.GetFileName));
        foreach (var file in files)
        {
            var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
            Assert.DoesNotContain(model.Functions.SelectMany(f => f.Node).Concat(model.Graph.Node), node => node.OpType == "ScatterND");
        }
    }

    private static void Train(RecommenderModel model, TripleSampler sampler, int epochs)
    {
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            model.BeginEpoch(Cancellation);
            foreach (var triples in sampler.Epoch()) model.Step(model.Prepare(triples, Cancellation), 0.01);
        }
    }
}
