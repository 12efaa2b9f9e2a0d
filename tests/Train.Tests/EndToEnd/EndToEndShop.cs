using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Tests.Tuning;

namespace LmmRec.Train.Tests.EndToEnd;

/// <summary>A shop with pictures, texts, interactions and features, and the step that trains VBPR and the small CLIP on it end to end.</summary>
internal sealed class EndToEndShop : IDisposable
{
    public const int Items = 12, Users = 10, WithoutPicture = 3;
    private const int Width = 64; // of the small CLIP's vectors

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string PathOf(string name) => _folder.PathOf(name);

    public string PictureOf(int item) => PathOf($"{item}.png");

    public async Task WriteAsync()
    {
        for (var item = 0; item < Items; item++) await File.WriteAllBytesAsync(PictureOf(item), Pictures.Png(Pictures.Draw(48, 48, seed: item)), Cancellation);
        int[] shown = [.. Enumerable.Range(0, Items).Where(item => item != WithoutPicture)];
        byte[][] files = [.. Enumerable.Range(0, Items).Select(item => File.ReadAllBytes(PictureOf(item)))];
        await MakeAsync("ingest", async output =>
        {
            output.Facts["items"] = Items;
            await output.WriteTableAsync(Enumerable.Range(0, Users).Select(u => new UserRow(u, $"u{u}")), Cancellation);
            await output.WriteTableAsync(Enumerable.Range(0, Items).Select(i => new ItemRow(i, $"i{i}", null, null, [], null, null, $"thing number {i}")), Cancellation);
            await output.WriteTableAsync(Enumerable.Range(0, Users * 5).Select(n => (User: n % Users, Item: (n * 7 + n / Users) % Items)).Distinct().Order().Select((p, n) => new InteractionRow(
                p.User, $"u{p.User}", p.Item, $"i{p.Item}", null, null, n % 5 == 0 ? Splits.Validation : Splits.Train)), Cancellation);
            await output.WriteShardsAsync("images", shown.Select(i => new ImageRow(i, $"i{i}", "", Hashing.OfBytes(files[i]), 48, 48, files[i])).ToAsyncEnumerable(), 100, Cancellation);
            await output.WriteTableAsync(Enumerable.Range(0, Items).Select(i => i == WithoutPicture
                ? new PictureRow(i, $"i{i}", null, PictureStatus.None, null, null, null, null, null, null, null)
                : new PictureRow(i, $"i{i}", "", PictureStatus.Ok, 200, null, files[i].Length, Hashing.OfBytes(files[i]), 48, 48, Array.IndexOf(shown, i))), Cancellation);
        });
        await MakeAsync("features", async output =>
        {
            await output.WriteTableAsync(Enumerable.Range(0, Items).Select(i => new FeatureRow(
                i, $"i{i}", i == WithoutPicture ? null : Vector(i), i == WithoutPicture ? FeatureStatus.Missing : FeatureStatus.Ok, Vector(-i), FeatureStatus.Ok)), Cancellation);
        });

        static float[] Vector(int seed) => [.. Enumerable.Range(0, Width).Select(n => MathF.Sin(seed * 31 + n))];
    }

    /// <summary>The step of the one case of <paramref name="options"/>, of the encoder <paramref name="card"/>, or of the shop's own.</summary>
    public Step Training(TrainOptions options, string models, string? card = null) =>
        TrainStage.Steps(options, TrainCase.All(options, [Source(card ?? TuneShop.Card)]), PathOf("ingest"), PathOf(models)).Single();

    /// <summary>The encoder of a card, trained end to end.</summary>
    public FeatureSource Source(string card) => new("clip", FeatureSource.EndToEnd, PathOf("features"), true, true) { Card = card };

    public void Dispose() => _folder.Dispose();

    private Task<StepOutcome> MakeAsync(string folder, Func<ArtifactWriter, Task> write) =>
        SmallShop.RunAsync(new Step(folder, PathOf(folder), 1, [], new Dictionary<string, string>(), (context, _) => write(context.Output)));
}
