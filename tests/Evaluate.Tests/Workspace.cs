using System.Text.Json.Nodes;
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

    public string Evaluation => _folder.PathOf("evaluation");

    public string Report => Path.Combine(Evaluation, EvaluateStage.ReportFile);

    public string ReportText => File.ReadAllText(Report);

    public void Dispose() => _folder.Dispose();

    /// <summary>Every user has 5 training items, and every user but the last one validation and one test item.</summary>
    /// <param name="title">title of every item; another title makes another artifact</param>
    /// <param name="withTest">false: no user has a test item</param>
    /// <param name="cold">an item that nobody has in training; null: none</param>
    /// <param name="change">changes the facts</param>
    public Task IngestAsync(string title = "Cup", bool withTest = true, int? cold = null, Action<JsonObject>? change = null) => CommitAsync(Ingest, new Recipe("ingest", 1, [], new SortedDictionary<string, string> { ["shop.inter"] = "hash" }), async output =>
    {
        await output.WriteTableAsync(Enumerable.Range(0, Users).Select(u => new UserRow(u, UserId(u))), _cancellation);
        await output.WriteTableAsync(
            Enumerable.Range(0, Items).Select(i => new ItemRow(i, ItemId(i), title, null, [], null, null, title)), _cancellation);
        await output.WriteTableAsync(
            from u in Enumerable.Range(0, Users)
            from j in Enumerable.Range(0, u == Users - 1 ? 5 : withTest ? 7 : 6)
            let i = ItemOf(u, j)
            where j >= 5 || i != cold
            select new InteractionRow(u, UserId(u), i, ItemId(i), null, null, j < 5 ? Splits.Train : j == 5 ? Splits.Validation : Splits.Test), _cancellation);
        output.Facts["items"] = Items;
        output.Facts["interactions"] = new JsonObject { [Splits.Train] = 5 * Users, [Splits.Validation] = Users - 1, [Splits.Test] = withTest ? Users - 1 : 0 };
        output.Facts["dropped"] = new JsonObject { ["usersWithoutTrainingRows"] = 10 };
        change?.Invoke(output.Facts);
    });

    /// <summary>A model whose user vectors point to their items as strongly as <paramref name="skill"/> says.</summary>
    /// <param name="name">name of the case</param>
    /// <param name="skill">0: chance; 1: the user's items come first</param>
    /// <param name="backwards">write the rows in the opposite order, with indices that mean nothing</param>
    /// <param name="users">users that get a vector</param>
    /// <param name="items">items that get a vector</param>
    /// <param name="change">changes the facts</param>
    /// <param name="spoil">replaces the vector of the first item</param>
    /// <param name="without">an item that gets no vector</param>
    public Task TrainAsync(string name, double skill, bool backwards = false, int users = Users, int items = Items,
        Action<JsonObject>? change = null, float[]? spoil = null, int? without = null)
    {
        var folder = _folder.PathOf($"models/{name}");
        _models[name] = folder;
        var inputs = new SortedDictionary<string, string> { ["ingest"] = Manifest.Read(Ingest).Content };
        return CommitAsync(folder, new Recipe($"train/{name}", 1, [], inputs), async output =>
        {
            var userRows = Enumerable.Range(0, users).Select(u => new UserVectorRow(backwards ? 0 : u, UserId(u), UserVector(u, items, skill)));
            var itemRows = Enumerable.Range(0, items).Where(i => i != without).Select(i =>
                new ItemVectorRow(backwards ? 0 : i, ItemId(i), i == 0 && spoil is not null ? spoil : ItemVector(i, items)));
            await output.WriteTableAsync(backwards ? userRows.Reverse() : userRows, _cancellation);
            await output.WriteTableAsync(backwards ? itemRows.Reverse() : itemRows, _cancellation);
            foreach (var (fact, value) in new JsonObject { ["recommender"] = "bpr", ["seed"] = 999 }) output.Facts[fact] = value!.DeepClone();
            change?.Invoke(output.Facts);
            output.Runtime["device"] = "cpu";
        });
    }

    /// <summary>What the stage noted.</summary>
    public List<string> Notes => _progress.Notes;

    public Task<StepOutcome> EvaluateAsync(EvaluateOptions? options = null, int threads = 2)
    {
        var step = EvaluateStage.Steps(options ?? new EvaluateOptions(), "shop", Ingest, _models, Evaluation).Single();
        return new StepRunner(_progress, TimeProvider.System, threads, "cpu").RunAsync(step, _cancellation);
    }

    public Task<List<TRow>> ReadAsync<TRow>() => TableFile.ReadAsync<TRow>(TableFile.PathOf<TRow>(Evaluation), _cancellation);

    /// <summary>Names and contents of all files of the evaluation but the timings.</summary>
    public SortedDictionary<string, string> EvaluationBytes() => new(Directory.EnumerateFiles(Evaluation, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) != Manifest.TimingsFileName)
        .ToDictionary(path => Path.GetRelativePath(Evaluation, path), path => Convert.ToHexString(File.ReadAllBytes(path))));

    public void ForgetEvaluation() => Directory.Delete(Evaluation, recursive: true);

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
