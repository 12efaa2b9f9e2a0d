using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

/// <summary>Artifacts of a small shop, written by the store itself, and the stage run on them by the real step runner.</summary>
internal sealed class Workspace : IDisposable
{
    public const int Users = 40, Items = 30;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _models = [];
    private readonly Silence _progress = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public string Ingest => _folder.PathOf("ingest");

    /// <summary>The data set as the stage gets it.</summary>
    public EvaluatedDataSet DataSet => new(Name, _folder.Path, _models) { Rankings = Rankings, Features = Features, Upstream = Upstream };

    /// <summary>Further data sets of the report, which were compared before.</summary>
    public List<EvaluatedDataSet> Beside { get; } = [];

    /// <summary>The folders of what models are made from beside the features.</summary>
    public SortedDictionary<string, string> Upstream { get; } = [];

    /// <summary>Files of lists that are measured beside the models.</summary>
    public List<string> Rankings { get; } = [];

    /// <summary>The folders of features, by the name of the encoder.</summary>
    public SortedDictionary<string, string> Features { get; } = [];

    /// <summary>What is measured beside the models and the most popular items.</summary>
    public IReadOnlyList<Baseline> Baselines { get; init; } = [];

    public string Name { get; init; } = "shop";

    /// <summary>Whether every item but the first has a picture of its own.</summary>
    public bool HasPictures { get; init; }

    /// <summary>Where the data set comes from, as ingest says it.</summary>
    public string Source { get; init; } = "mmrec";

    /// <summary>What else ingest says of how it made the data.</summary>
    public JsonObject Recipe { get; init; } = [];

    /// <summary>What every model says of how it was trained.</summary>
    public JsonObject TrainRecipe { get; init; } = [];

    /// <summary>The file that the data were read from.</summary>
    public string SourceFile { get; init; } = "shop.inter";

    public string Comparison => _folder.PathOf("comparison");

    public string Report => _folder.PathOf("report");

    public string ReportText => File.ReadAllText(Path.Combine(Report, Manifest.PageFileName));

    public string ReportFile(string name) => File.ReadAllText(Path.Combine(Report, name));

    public string EvaluationOf(string name) => _folder.PathOf($"evaluation/{name}");

    public void Dispose() => _folder.Dispose();

    /// <summary>Every user has 5 training items, and every user but the last one validation and one test item.</summary>
    /// <param name="title">title of every item; another title makes another artifact</param>
    /// <param name="testers">users that have a test item: the first so many</param>
    /// <param name="cold">an item that nobody has in training; null: none</param>
    /// <param name="coldUser">a user who has nothing in training; null: none</param>
    /// <param name="change">changes the facts</param>
    public Task IngestAsync(string title = "Cup", int testers = Users - 1, int? cold = null, int? coldUser = null, Action<JsonObject>? change = null) => CommitAsync(Ingest, new Recipe("ingest", 1, IngestRecipe(), new SortedDictionary<string, string> { [SourceFile] = "hash" }), async output =>
    {
        await output.WriteTableAsync(Enumerable.Range(0, Users).Select(u => new UserRow(u, UserId(u))), _cancellation);
        await output.WriteTableAsync(
            Enumerable.Range(0, Items).Select(i => new ItemRow(i, ItemId(i), title, null, [], null, null, title)), _cancellation);
        await output.WriteTableAsync(
            from u in Enumerable.Range(0, Users)
            from j in Enumerable.Range(0, u == Users - 1 ? 5 : u < testers ? 7 : 6)
            let i = ItemOf(u, j)
            where j >= 5 || (i != cold && u != coldUser)
            select new InteractionRow(u, UserId(u), i, ItemId(i), null, null, j < 5 ? Splits.Train : j == 5 ? Splits.Validation : Splits.Test), _cancellation);
        if (HasPictures) await WritePicturesAsync(output);
        output.Facts["items"] = Items;
        output.Facts["interactions"] = new JsonObject { [Splits.Train] = 5 * Users, [Splits.Validation] = Users - 1, [Splits.Test] = testers };
        output.Facts["dropped"] = new JsonObject { ["usersWithoutTrainingRows"] = 10 };
        change?.Invoke(output.Facts);
    });

    private async Task WritePicturesAsync(ArtifactWriter output)
    {
        List<ImageRow> images = [.. Enumerable.Range(1, Items - 1).Select(i => (Item: i, Bytes: Pictures.Jpeg(Pictures.Draw(80, 80, seed: i))))
            .Select(picture => new ImageRow(picture.Item, ItemId(picture.Item), $"{picture.Item}.jpg", Hashing.OfBytes(picture.Bytes), 80, 80, picture.Bytes))];
        await output.WriteShardsAsync("images", images.ToAsyncEnumerable(), 100, _cancellation);
        await output.WriteTableAsync(
            images.Select((image, row) => new PictureRow(image.Item, image.ItemId, image.Url, PictureStatus.Ok, null, null, image.Bytes.Length, image.Sha256, image.Width, image.Height, row))
                .Prepend(new PictureRow(0, ItemId(0), null, PictureStatus.None, null, null, null, null, null, null, null)), _cancellation);
    }

    /// <summary>An encoder that was tuned.</summary>
    /// <param name="name">its name</param>
    /// <param name="stopped">why its training ended before it was to; null: it did not</param>
    public Task TuneAsync(string name, string? stopped) => CommitAsync(Upstream[$"encoders/{name}"] = _folder.PathOf($"encoders/{name}"), new Recipe($"tune/{name}", 1, [], []), async output =>
    {
        await File.WriteAllTextAsync(output.PathFor("card.json"), "{}", _cancellation);
        output.Facts[Manifest.Stopped] = stopped;
    });

    /// <summary>Runs a step that fails instead of what makes <paramref name="folder"/>.</summary>
    public async Task FailAsync(string name, string folder, string message)
    {
        var step = new Step(name, folder, 1, [], new Dictionary<string, string>(), (_, _) => throw new InvalidInputException(message));
        await new StepSchedule(new StepRunner(_progress, TimeProvider.System, 1, "cpu"), 1, 1, _progress, exception => exception is InvalidInputException ? "input" : null, []).RunAsync([step], _cancellation);
    }

    /// <summary>The features of an encoder; the first item has no vector.</summary>
    /// <param name="name">name of the encoder</param>
    /// <param name="visual">values of a visual vector; 0: it makes none</param>
    /// <param name="textual">values of a textual vector; 0: it makes none</param>
    /// <param name="parameters">numbers of its weights; null: nobody counted them</param>
    public Task FeaturizeAsync(string name, int visual, int textual, long? parameters = null) => CommitAsync(Features[name] = _folder.PathOf($"features/{name}"), new Recipe($"featurize/{name}", 1, [], []), async output =>
    {
        await output.WriteShardsAsync("features", Enumerable.Range(0, Items).Select(i => new FeatureRow(i, ItemId(i), Vector(i, visual), Status(i, visual), Vector(i, textual), Status(i, textual))).ToAsyncEnumerable(), 100, _cancellation);
        if (visual > 0) output.Facts["visual"] = new JsonObject { [FeatureStatus.Ok] = Items - 1 };
        if (textual > 0) output.Facts["textual"] = new JsonObject { [FeatureStatus.Ok] = Items - 1 };
        if (parameters is not null) output.Facts["parameters"] = parameters;

        static float[]? Vector(int item, int width) => item == 0 || width == 0 ? null : [.. Enumerable.Range(0, width).Select(k => (float)Math.Cos(item * 7 + k))];
        static string Status(int item, int width) => width == 0 ? FeatureStatus.None : item == 0 ? FeatureStatus.Missing : FeatureStatus.Ok;
    });

    private JsonObject IngestRecipe()
    {
        var recipe = Recipe.DeepClone().AsObject();
        recipe["source"] = Source;
        return recipe;
    }

    public string ModelOf(string name) => _folder.PathOf($"models/{name}");

    /// <summary>A model whose user vectors point to their items as strongly as <paramref name="skill"/> says.</summary>
    /// <param name="name">name of the case</param>
    /// <param name="skill">0: chance; 1: the user's items come first</param>
    /// <param name="backwards">write the rows in the opposite order, with indices that mean nothing</param>
    /// <param name="users">users that get a vector</param>
    /// <param name="items">items that get a vector</param>
    /// <param name="change">changes the facts</param>
    /// <param name="spoil">replaces the vector of the first item</param>
    /// <param name="without">an item that gets no vector</param>
    /// <param name="history">what was measured epoch by epoch, the chosen setting's first; null: nobody kept it</param>
    public Task TrainAsync(string name, double skill, bool backwards = false, int users = Users, int items = Items,
        Action<JsonObject>? change = null, float[]? spoil = null, int? without = null, IReadOnlyList<HistoryRow>? history = null)
    {
        var folder = ModelOf(name);
        _models[name] = folder;
        var inputs = new SortedDictionary<string, string> { ["ingest"] = Manifest.Read(Ingest).Content };
        return CommitAsync(folder, new Recipe($"train/{name}", 1, TrainRecipe.DeepClone().AsObject(), inputs), async output =>
        {
            var userRows = Enumerable.Range(0, users).Select(u => new UserVectorRow(backwards ? 0 : u, UserId(u), UserVector(u, items, skill)));
            var itemRows = Enumerable.Range(0, items).Where(i => i != without).Select(i =>
                new ItemVectorRow(backwards ? 0 : i, ItemId(i), i == 0 && spoil is not null ? spoil : ItemVector(i, items)));
            await output.WriteTableAsync(backwards ? userRows.Reverse() : userRows, _cancellation);
            await output.WriteTableAsync(backwards ? itemRows.Reverse() : itemRows, _cancellation);
            if (history is not null)
            {
                await output.WriteTableAsync(history, _cancellation);
                await output.WriteTableAsync(history.Select(row => row.Setting).Distinct().Select((setting, n) => new TrialRow(setting, 3, 1, 0.3, 0, n == 0)), _cancellation);
            }
            foreach (var (fact, value) in new JsonObject { ["recommender"] = "bpr", ["seed"] = 999 }) output.Facts[fact] = value!.DeepClone();
            change?.Invoke(output.Facts);
            output.Runtime["device"] = "cpu";
        });
    }

    /// <summary>Features by which a user's items follow one another on a circle.</summary>
    public Task FeaturizeOnCirclesAsync(string name)
    {
        Features[name] = _folder.PathOf($"features/{name}");
        var inputs = new SortedDictionary<string, string> { ["ingest"] = Manifest.Read(Ingest).Content };
        return CommitAsync(Features[name], new Recipe($"featurize/{name}", 1, [], inputs), output => output.WriteTableAsync(
            Enumerable.Range(0, Items).Select(i => new FeatureRow(i, ItemId(i), Vector(i), FeatureStatus.Ok, null, FeatureStatus.None)), _cancellation));

        // Steps of 4 over 30 items make two circles, one of the even items and one of the odd: 8 times half an item's index counts the steps to it, as 8 × 2 is 1 modulo 15.
        static float[] Vector(int item)
        {
            var (sin, cos) = Math.SinCos(Math.Tau * (item / 2 * 8 % 15) / 15);
            return item % 2 == 0 ? [(float)sin, (float)cos, 0, 0] : [0, 0, (float)sin, (float)cos];
        }
    }

    /// <summary>Writes a file of lists and has it measured.</summary>
    public void AddRankings(string name, params IEnumerable<string> lines)
    {
        Rankings.Add(_folder.PathOf(name));
        File.WriteAllLines(Rankings[^1], lines);
    }

    /// <summary>Notes that a step failed to make one of the folders, as the schedule does.</summary>
    public void Fail(string folder, FailedStep failed)
    {
        var path = _folder.PathOf(folder + "~failed");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(failed, JsonSerializerOptions.Web));
    }

    /// <summary>What the stage noted.</summary>
    public List<string> Notes => _progress.Notes;

    /// <summary>Runs the steps of the stage in order.</summary>
    /// <returns>Those that ran and were not skipped.</returns>
    public Task<IReadOnlyList<string>> EvaluateAsync(EvaluateOptions? options = null, int threads = 2) => RunAsync(_ => true, options ?? new EvaluateOptions(), threads);

    /// <summary>Runs some steps of the stage.</summary>
    public Task<IReadOnlyList<string>> RunAsync(params string[] steps) => RunAsync(steps.Contains, new EvaluateOptions(), threads: 2);

    private async Task<IReadOnlyList<string>> RunAsync(Predicate<string> which, EvaluateOptions options, int threads)
    {
        options = options with { Baselines = Baselines };
        var ran = new List<string>();
        var runner = new StepRunner(_progress, TimeProvider.System, threads, "cpu");
        foreach (var step in EvaluateStage.Steps(options, DataSet).Append(EvaluateStage.Report(options, [DataSet, .. Beside], Report)).Where(step => which(step.Name)))
            if ((await runner.RunAsync(step, _cancellation)).Ran) ran.Add(step.Name);
        return ran;
    }

    /// <summary>The rows of a table of every case, one case after the other.</summary>
    public async Task<List<TRow>> ReadCasesAsync<TRow>()
    {
        var rows = new List<TRow>();
        foreach (var folder in Directory.GetDirectories(_folder.PathOf("evaluation")).Order(StringComparer.Ordinal))
            rows.AddRange(await TableFile.ReadAsync<TRow>(TableFile.PathOf<TRow>(folder), _cancellation));
        return rows;
    }

    public Task<List<TestRow>> ReadTestsAsync() => TableFile.ReadAsync<TestRow>(TableFile.PathOf<TestRow>(Comparison), _cancellation);

    /// <summary>Names and contents of all files that the stage wrote but the timings.</summary>
    public SortedDictionary<string, string> EvaluationBytes() => new(Written.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        .Where(path => Path.GetFileName(path) != Manifest.TimingsFileName)
        .ToDictionary(path => Path.GetRelativePath(_folder.Path, path), path => Convert.ToHexString(File.ReadAllBytes(path))));

    public void ForgetEvaluation()
    {
        foreach (var folder in Written) Directory.Delete(folder, recursive: true);
    }

    private IEnumerable<string> Written => new[] { _folder.PathOf("evaluation"), Comparison, Report }.Where(Directory.Exists);

    public static string UserId(int user) => $"A{user:D3}";

    public static string ItemId(int item) => $"B{item:D3}";

    public static IEnumerable<int> TrainingItems(int user) => Enumerable.Range(0, 5).Select(n => ItemOf(user, n));

    public static int TestItem(int user) => ItemOf(user, 6);

    // The first five of a user's items are for training.
    private static int ItemOf(int user, int n) => (user * 3 + n * 4) % Items;

    private static float[] ItemVector(int item, int items) => [.. Enumerable.Range(0, items).Select(k => k == item ? 1f : 0f)];

    // Some noise that is the same every time, and the user's own items (the last is the test item) on top of it.
    private static float[] UserVector(int user, int items, double skill) =>
        [.. Enumerable.Range(0, items).Select(i => (float)(Math.Sin(user * 31 + i * 17) + (IsHeldOut(user, i, items) ? 2 * skill : 0)))];

    private static bool IsHeldOut(int user, int item, int items) => Enumerable.Range(5, 2).Any(j => (user * 3 + j * 4) % items == item);

    private async Task CommitAsync(string folder, Recipe recipe, Func<ArtifactWriter, Task> write)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        var output = new ArtifactWriter(folder, recipe);
        await write(output);
        await output.CommitAsync(_cancellation);
    }
}
