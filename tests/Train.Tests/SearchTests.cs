using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Train.Harness;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Search;

namespace LmmRec.Train.Tests;

public sealed class SearchTests : IDisposable
{
    private static readonly SearchOptions Halving = new() { Kind = SearchKind.Halving };

    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Random_search_draws_without_replacement_and_the_same_for_the_same_seed()
    {
        var grid = Settings(50);
        var drawn = Drawn(seed: 1);
        Assert.Equal(20, drawn.Distinct().Count());
        Assert.Equal(drawn, grid.Where(drawn.Contains)); // in the order of the grid
        Assert.Equal(drawn, Drawn(seed: 1));
        Assert.NotEqual(drawn, Drawn(seed: 2));
        Assert.Equal(grid, SearchPlan.Drawn(grid, new SearchOptions { Kind = SearchKind.Random, Trials = 60 }, "bpr"));

        IReadOnlyList<Setting> Drawn(int seed) => SearchPlan.Drawn(grid, new SearchOptions { Kind = SearchKind.Random, Trials = 20, Seed = seed }, "bpr");
    }

    [Theory]
    [InlineData(9, 3, new[] { 9, 3, 1 })]
    [InlineData(10, 3, new[] { 10, 4, 2, 1 })]
    [InlineData(4, 2, new[] { 4, 2, 1 })]
    [InlineData(1, 3, new[] { 1 })]
    public void Halving_leaves_one_of_so_many_alive(int settings, int factor, int[] alive) => Assert.Equal(alive, SearchPlan.Rungs(settings, Halving with { Factor = factor }));

    [Theory]
    [InlineData(90, 1, 2, 10)]
    [InlineData(90, 1, 1, 30)]
    [InlineData(90, 4, 2, 12)] // at an evaluation that the training makes anyway
    [InlineData(90, 4, 0, 90)]
    [InlineData(5, 4, 1, 4)]
    public void A_rung_ends_with_an_evaluation(int epochs, int evaluateEvery, int rungsToCome, int end) => Assert.Equal(end, SearchPlan.End(epochs, evaluateEvery, rungsToCome, factor: 3));

    [Fact]
    public async Task The_better_ones_of_each_rung_go_on_and_the_best_of_the_last_wins()
    {
        // The values of each setting, rung by rung: the best of the first rung is not that of the second.
        double[][] planted = [[0.1], [0.5, 0.6, 0.7], [0.2], [0.4, 0.3], [0.3], [0.1], [0.45, 0.8, 0.95], [0.1], [0.05]];
        var trained = new List<(int Setting, int ToCome)>();
        var search = new SettingSearch(planted.Length, Halving);
        var kept = new List<bool>();
        var winner = await search.RunAsync((n, toCome) =>
        {
            trained.Add((n, toCome));
            return Task.FromResult(new Trained(Settings(9)[n], planted[n][2 - toCome], toCome, 10 - toCome, default, default, [], Stopped: null));
        }, kept.Add);
        Assert.Equal([.. Enumerable.Range(0, 9).Select(n => (n, 2)), (1, 1), (3, 1), (6, 1), (6, 0)], trained);
        Assert.Equal("n=6", winner.Setting.Name);
        Assert.Equal([.. Enumerable.Repeat(false, 12), true], kept);
        Assert.Equal([0, 1, 0, 1, 0, 0, 2, 0, 0], search.Trials.Select(trial => trial.Rung));
        Assert.Equal("n=6", search.Trials.Single(trial => trial.Chosen).Setting);
    }

    [Fact]
    public async Task The_winner_of_a_halving_is_the_model_that_its_setting_alone_gives()
    {
        await _shop.WriteAsync();
        var step = Step("halved", Halving, new JsonArray(0.001, 0.5, 0.02, 0.01));
        await SmallShop.RunAsync(step);
        var trials = await TableFile.ReadAsync<TrialRow>(TableFile.PathOf<TrialRow>(step.Folder), Cancellation);
        Assert.Equal(4, trials.Count);
        Assert.Contains(trials, trial => trial.Epochs < 9);
        var chosen = trials.Single(trial => trial.Chosen);
        Assert.Equal(9, chosen.Epochs);

        var alone = Step("alone", null, JsonNode.Parse(chosen.Setting.Split('=')[1])!);
        await SmallShop.RunAsync(alone);
        foreach (var file in Directory.EnumerateFiles(alone.Folder).Select(path => Path.GetFileName(path)!)
            .Where(name => name is not ("timings.json" or "manifest.json" or "history.parquet" or "trials.parquet")))
            Assert.True(File.ReadAllBytes(Path.Combine(step.Folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(alone.Folder, file))), $"{file} differs");
    }

    [Fact]
    public async Task A_killed_halving_goes_on_to_the_same_bytes()
    {
        await _shop.WriteAsync();
        JsonArray rates = [0.001, 0.5, 0.02, 0.01];
        var (whole, killed) = (Step("whole", Halving, rates), Step("killed", Halving, rates));
        await SmallShop.RunAsync(whole);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(killed, new KillAfter(9, kill), new HourByHour(), kill.Token));
        await SmallShop.RunAsync(killed);
        foreach (var file in Directory.EnumerateFiles(whole.Folder).Select(path => Path.GetFileName(path)!).Where(name => name != "timings.json"))
            Assert.True(File.ReadAllBytes(Path.Combine(whole.Folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(killed.Folder, file))), $"{file} differs");
    }

    private static IReadOnlyList<Setting> Settings(int count) => [.. Enumerable.Range(0, count).Select(n => new Setting($"n={n}", n))];

    private Step Step(string models, SearchOptions? search, JsonNode learningRate) => _shop.Training(
        new TrainOptions { Recommenders = ["bpr"], Epochs = 9, BatchSize = 32, Options = new JsonObject { ["bpr"] = new JsonObject { ["learningRate"] = learningRate.DeepClone() } } }, models, search: search);
}
