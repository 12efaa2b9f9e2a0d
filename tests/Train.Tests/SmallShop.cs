using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Search;

namespace LmmRec.Train.Tests;

/// <summary>Ingest and feature artifacts of a small shop, written by the store itself, and the stage run on them by the real step runner.</summary>
internal sealed class SmallShop : IDisposable
{
    public const int Users = 30, Items = 24, Width = 6;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Pairs of user and item, by user and then by item.</summary>
    public List<(int User, int Item)> Pairs { get; } = Draw();

    /// <summary>Visual vectors; null where an item has none.</summary>
    public float[]?[] Visual { get; } = Vectors(seed: 2);

    /// <summary>Textual vectors; null where an item has none.</summary>
    public float[]?[] Textual { get; } = Vectors(seed: 3);

    public void Dispose() => _folder.Dispose();

    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Writes the shop; every fifth pair is held out for validation.</summary>
    /// <param name="name">prefix of its folders</param>
    /// <param name="without">items that the shop does not have</param>
    /// <param name="withoutUsers">users that it does not have</param>
    /// <param name="split">the split that its ingest says it drew</param>
    public async Task WriteAsync(string name = "", IReadOnlyCollection<int>? without = null, IReadOnlyCollection<int>? withoutUsers = null, string split = "user-time")
    {
        int[] items = [.. Enumerable.Range(0, Items).Except(without ?? [])], users = [.. Enumerable.Range(0, Users).Except(withoutUsers ?? [])];
        await RunAsync(Making(name + "ingest", new JsonObject { ["split"] = split }, async output =>
        {
            await output.WriteTableAsync(users.Select((u, n) => new UserRow(n, $"u{u}")), Cancellation);
            await output.WriteTableAsync(items.Select((i, n) => new ItemRow(n, $"i{i}", null, null, [], null, null, "")), Cancellation);
            await output.WriteTableAsync(Pairs.Index().Where(p => items.Contains(p.Item.Item) && users.Contains(p.Item.User)).Select(p => new InteractionRow(
                Array.IndexOf(users, p.Item.User), $"u{p.Item.User}", Array.IndexOf(items, p.Item.Item), $"i{p.Item.Item}", null, null, IsHeldOut(p.Index) ? Splits.Validation : Splits.Train)), Cancellation);
        }));
        await RunAsync(Making(name + "features", [], async output =>
        {
            await output.WriteTableAsync(items.Select((i, n) => new FeatureRow(n, $"i{i}", Visual[i], Status(Visual[i]), Textual[i], Status(Textual[i]))), Cancellation);
            (output.Facts["visual"], output.Facts["textual"]) = (Counts(Visual), Counts(Textual));
        }));

        JsonObject Counts(float[]?[] vectors) => new() { ["ok"] = items.Count(i => vectors[i] is not null), ["missing"] = items.Count(i => vectors[i] is null), ["undecodable"] = 0, ["too-large"] = 0 };

        static string Status(float[]? vector) => vector is null ? FeatureStatus.Missing : FeatureStatus.Ok;
    }

    public static bool IsHeldOut(int pair) => pair % 5 == 0;

    /// <summary>The step that trains the one case of the options on the shop.</summary>
    public Step Training(TrainOptions options, string models, string name = "", SearchOptions? search = null) => TrainStage.Steps(
        options, TrainCase.All(options, [new FeatureSource("both", "pt", PathOf(name + "features"), true, true)]), PathOf(name + "ingest"), PathOf(models), search).Single();

    public static Task<StepOutcome> RunAsync(Step step) => RunAsync(step, new Silence(), TimeProvider.System, Cancellation);

    public static Task<StepOutcome> RunAsync(Step step, IProgressSink progress, TimeProvider clock, CancellationToken cancellation) =>
        new StepRunner(progress, clock, threads: 2, device: "cpu").RunAsync(step, cancellation);

    private Step Making(string folder, JsonObject options, Func<ArtifactWriter, Task> write) =>
        new(folder, PathOf(folder), 1, options, new Dictionary<string, string>(), (context, _) => write(context.Output));

    private static List<(int User, int Item)> Draw()
    {
        var random = new SeededRandom(1);
        return [.. Enumerable.Range(0, Users * 8).Select(n => (User: n % Users, Item: random.NextInt32(Items))).Distinct().Order()];
    }

    private static float[]?[] Vectors(long seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, Items).Select(_ => Enumerable.Range(0, Width).Select(_ => (float)random.NextNormal()).ToArray())];
    }
}
