using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tests.Tuning;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.EndToEnd;

public sealed class PrefixStoreTests : IDisposable
{
    private static readonly string[] Texts = ["a mug", "a very long text about a blue mug that one can drink tea from", "shoe", "a red shirt of cotton with long sleeves"];

    private readonly TemporaryFolder _folder = new();
    private readonly TrainableEncoder _encoder = TrainableEncoder.Open(TuneShop.Card);
    private int _fed;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, KeptPrefix.Float32, 1e-5f)]
    [InlineData(false, KeptPrefix.Float32, 1e-5f)]
    [InlineData(true, KeptPrefix.Float16, 1e-2f)]
    [InlineData(false, KeptPrefix.Float16, 1e-2f)]
    public async Task Gradients_are_those_of_the_whole_tower(bool visual, KeptPrefix kind, float tolerance)
    {
        var tower = Tower(visual);
        TrainedParameters.FreezeBelow(tower.Graph, 1);
        var split = FrozenPrefix.Split(tower.Graph, [.. tower.Graph.Outputs.Keys]);
        using var store = await PrefixStore.OpenAsync("tower", split, kind, tower.Items, (some, _) => tower.Feed(some), Context(), Cancellation);
        using var whole = Model("whole", tower);
        using var rest = Model("rest", tower.With(split.Rest, store.Feed));

        int[] items = [2, 0, 3];
        float[] gradients = [.. Enumerable.Range(0, items.Length * 64).Select(n => MathF.Sin(n))];
        foreach (var model in new[] { whole, rest }) model.Accumulate(model.Towers[0], model.Towers[0].Feed(items), TensorData.Of(gradients, items.Length, 64));
        string[] trained = [.. split.Rest.Parameters.Where(p => p.Trainable).Select(p => p.Name)];
        Assert.NotEmpty(trained);
        foreach (var name in trained)
        {
            var (expected, actual) = (whole.Session.Gradient(name).As<float>(), rest.Session.Gradient(name).As<float>());
            var scale = Math.Max(1, expected.Max(MathF.Abs));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * scale));
        }
    }

    [Fact]
    public async Task What_a_killed_run_kept_is_not_worked_out_again()
    {
        var tower = Tower(visual: true);
        TrainedParameters.FreezeBelow(tower.Graph, 1);
        var split = FrozenPrefix.Split(tower.Graph, [.. tower.Graph.Outputs.Keys]);
        using (await PrefixStore.OpenAsync("tower", split, KeptPrefix.Float32, [0, 1], (some, _) => tower.Feed(some), Context(), Cancellation)) Assert.Equal(2, _fed);
        using var again = await PrefixStore.OpenAsync("tower", split, KeptPrefix.Float32, tower.Items, (some, _) => tower.Feed(some), Context(), Cancellation);
        Assert.Equal(Texts.Length, _fed);
    }

    [Theory]
    [InlineData(true, KeptPrefix.Float32)]
    [InlineData(true, KeptPrefix.Float16)]
    [InlineData(false, KeptPrefix.Float16)]
    public async Task The_room_on_disk_is_said_before_anything_is_written(bool visual, KeptPrefix kind)
    {
        var tower = Tower(visual);
        TrainedParameters.FreezeBelow(tower.Graph, 1);
        var split = FrozenPrefix.Split(tower.Graph, [.. tower.Graph.Outputs.Keys]);
        int[] items = [.. Enumerable.Range(0, 400)]; // so that it is more than one MB
        var (context, notes) = (Context(), new Notes());
        var file = new FileInfo(Path.Combine(context.Output.Unfinished, "tower-prefix.bin"));
        notes.Noted = () => Assert.Equal(0, file.Length);
        using (await PrefixStore.OpenAsync(
            "tower", split, kind, items, (some, _) => tower.Feed([.. some.Select(item => item % Texts.Length)]), context with { Progress = notes }, Cancellation)) file.Refresh();
        Assert.True(file.Length > 1 << 20, "too little to tell");
        Assert.Equal([$"what the frozen blocks of tower give takes {(file.Length >> 20) + 1} MB of disk until the training ends"], notes.Lines);
    }

    [Fact]
    public async Task What_a_power_cut_damaged_is_worked_out_again()
    {
        var tower = Tower(visual: true);
        TrainedParameters.FreezeBelow(tower.Graph, 1);
        var split = FrozenPrefix.Split(tower.Graph, [.. tower.Graph.Outputs.Keys]);
        var context = Context();
        float[] kept;
        using (var store = await PrefixStore.OpenAsync("tower", split, KeptPrefix.Float32, tower.Items, (some, _) => tower.Feed(some), context, Cancellation)) kept = Values(store);
        Damage(Path.Combine(context.Output.Unfinished, "tower-prefix.bin")); // in the first item's bytes
        foreach (var mended in new[] { 1, 0 })
        {
            var before = _fed;
            using var again = await PrefixStore.OpenAsync("tower", split, KeptPrefix.Float32, tower.Items, (some, _) => tower.Feed(some), context, Cancellation);
            Assert.Equal(mended, _fed - before);
            Assert.Equal(kept, Values(again));
        }

        float[] Values(PrefixStore store) => store.Feed([0])[split.Kept[0]].As<float>();

        static void Damage(string file)
        {
            var bytes = File.ReadAllBytes(file);
            bytes[5] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
    }

    private TrainedTower Tower(bool visual)
    {
        var slot = new Modality(visual, new FeatureMatrix(new float[Texts.Length * 64], 64), Encoded: true);
        var present = Enumerable.Repeat(true, Texts.Length).ToList();
        if (!visual) return new TrainedTower(slot, _encoder.Textual!, present, items => _encoder.Texts!.Feed([.. items.Select(item => _encoder.Texts.Tokenize(Texts[item]))]));
        var input = _encoder.Pictures!;
        return new TrainedTower(slot, _encoder.Visual!, present, items =>
        {
            Interlocked.Increment(ref _fed);
            return input.Feed([.. items.SelectMany(item => Enumerable.Range(0, input.Size).Select(n => MathF.Sin(item * 7 + n)))]);
        });
    }

    private EncoderModel Model(string folder, TrainedTower tower) =>
        EncoderModel.Create(_folder.PathOf(folder), folder, [tower], new EndToEndOptions { LastBlocks = 1 }, _ => true, new RuntimeOptions { Threads = 2 });

    private sealed class Notes : IProgressSink
    {
        public List<string> Lines { get; } = [];

        public Action Noted { get; set; } = () => { };

        public IProgressTask Start(string what, long? total) => new Silence().Start(what, total);

        public void Note(string line)
        {
            Noted();
            Lines.Add(line);
        }
    }

    private StepContext Context() =>
        new(new ArtifactWriter(_folder.PathOf("model"), new Recipe("train", 1, [], [])), new Silence(), TimeProvider.System, Threads: 2, Device: "cpu");
}
