using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
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

    [Theory]
    [InlineData(SearchKind.Grid, 9 * 90)]
    [InlineData(SearchKind.Halving, 9 * 10 + 3 * 20 + 1 * 60)]
    public void The_most_epochs_are_those_of_all_rungs(SearchKind kind, int epochs) =>
        Assert.Equal(epochs, SearchPlan.Epochs([.. Enumerable.Repeat(90, 9)], evaluateEvery: 1, new SearchOptions { Kind = kind }));

    [Fact]
    public async Task The_epochs_that_a_recipe_announces_are_those_that_its_training_ran()
    {
        await _shop.WriteAsync();
        foreach (var search in new[] { null, Halving })
        {
            var step = Step($"{search?.Kind}", search, new JsonArray(0.001, 0.5, 0.02, 0.01));
            await SmallShop.RunAsync(step);
            Assert.Equal(TrainStage.EpochsOfAllSettings(step.Options), (int)Manifest.Read(step.Folder).Facts["epochsOfAllSettings"]!);
        }
    }

    [Fact]
    public async Task Halving_changes_nothing_for_a_case_of_one_setting()
    {
        await _shop.WriteAsync();
        Assert.Equal(Step("one", null, 0.01).Options.ToJsonString(), Step("one", Halving, 0.01).Options.ToJsonString());
        Assert.NotEqual(Step("two", null, new JsonArray(0.01, 0.02)).Options.ToJsonString(), Step("two", Halving, new JsonArray(0.01, 0.02)).Options.ToJsonString());
    }

    [Fact]
    public async Task The_better_ones_of_each_rung_go_on_and_the_best_of_the_last_wins()
    {
        // The values of each setting, rung by rung: the best of the first rung is not that of the second.
        double[][] planted = [[0.1], [0.5, 0.6, 0.7], [0.2], [0.4, 0.3], [0.3], [0.1], [0.45, 0.8, 0.95], [0.1], [0.05]];
        var trained = new List<(int Setting, int ToCome)>();
        var search = new SettingSearch(planted.Length, Halving);
        var kept = new List<(int, bool)>();
        var winner = await search.RunAsync((n, toCome) =>
        {
            trained.Add((n, toCome));
            return Task.FromResult(new Trained(Settings(9)[n], planted[n][2 - toCome], toCome, 10 - toCome, default, default, [], Stopped: null));
        }, (n, _, isBest) => kept.Add((n, isBest)));
        Assert.Equal([.. Enumerable.Range(0, 9).Select(n => (n, 2)), (1, 1), (3, 1), (6, 1), (6, 0)], trained);
        Assert.Equal("n=6", winner!.Setting.Name);
        Assert.Equal([.. new[] { 0, 2, 4, 5, 7, 8, 1, 3 }.Select(n => (n, false)), (6, true)], kept);
        Assert.Equal([0, 1, 0, 1, 0, 0, 2, 0, 0], search.Trials.Select(trial => trial.Rung));
        Assert.Equal("n=6", search.Trials.Single(trial => trial.Chosen).Setting);
    }

    [Theory]
    [InlineData(new[] { 0.13291, 0.13294, 0.1329 }, 0)] // equal when rounded, as epochs are compared
    [InlineData(new[] { 0.13291, 0.1331, 0.1329 }, 1)]
    [InlineData(new[] { double.NaN, 0.1, 0.2 }, 2)] // the first diverges
    public async Task Settings_are_compared_as_epochs_are_and_one_that_diverges_loses(double[] values, int winner)
    {
        foreach (var kind in new[] { SearchKind.Grid, SearchKind.Halving })
        {
            var search = new SettingSearch(values.Length, new SearchOptions { Kind = kind });
            var kept = new SortedDictionary<int, bool>();
            await search.RunAsync((n, _) => Task.FromResult(Of(n)), (n, _, isBest) => kept[n] = isBest);
            Assert.Equal(winner, search.Winner);
            Assert.Equal(Enumerable.Range(0, values.Length).Select(n => n == winner), kept.Values);
            Assert.Equal(values.Select(value => double.IsNaN(value) ? (double?)null : value), search.Trials.Select(trial => trial.Validation));
        }

        Trained Of(int n) => double.IsNaN(values[n])
            ? new Trained(Settings(3)[n], null, null, 1, default, default, [], "diverged") : new Trained(Settings(3)[n], values[n], 0, 1, default, default, [], null);
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

    [Theory]
    [InlineData(SearchKind.Grid)]
    [InlineData(SearchKind.Halving)]
    public async Task Of_a_setting_that_was_decided_only_the_result_is_kept_and_the_checkpoint_of_the_best(SearchKind kind)
    {
        await _shop.WriteAsync();
        JsonArray rates = [0.001, 0.5, 0.02, 0.01];
        var search = new SearchOptions { Kind = kind };
        var (whole, killed) = (Step("whole", search, rates), Step("killed", search, rates));
        await SmallShop.RunAsync(whole);
        // In the last epoch of the last training: all others are decided.
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var epochs = (int)Manifest.Read(whole.Folder).Facts["epochsOfAllSettings"]!;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(killed, new KillAfter(Advances(kind, epochs) - 2, kill), new HourByHour(), kill.Token));

        var settings = Directory.GetDirectories(_shop.PathOf("killed"), "setting-*", SearchOption.AllDirectories).Where(path => File.Exists(Path.Combine(path, "result.json"))).ToList();
        Assert.Equal(3, settings.Count);
        var left = settings.SelectMany(Directory.GetFileSystemEntries).Select(path => Path.GetFileName(path)!.Split('-')[0]).Where(name => name != "result.json");
        Assert.Equal(kind == SearchKind.Grid ? ["best"] : [], left);

        var again = new KillAfter(int.MaxValue, kill);
        await SmallShop.RunAsync(killed, again, new HourByHour(), Cancellation);
        foreach (var file in Directory.EnumerateFiles(whole.Folder).Select(path => Path.GetFileName(path)!).Where(name => name != "timings.json"))
            Assert.True(File.ReadAllBytes(Path.Combine(whole.Folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(killed.Folder, file))), $"{file} differs");
    }

    // A setting that goes on tells of the epochs before as well.
    private static int Advances(SearchKind kind, int epochs) => kind == SearchKind.Grid ? epochs : epochs + 2 * SearchPlan.End(9, 1, 2, 3) + SearchPlan.End(9, 1, 1, 3);

    private static IReadOnlyList<Setting> Settings(int count) => [.. Enumerable.Range(0, count).Select(n => new Setting($"n={n}", n))];

    private Step Step(string models, SearchOptions? search, JsonNode learningRate) => _shop.Training(
        new TrainOptions { Recommenders = ["bpr"], Epochs = 9, BatchSize = 32, Options = new JsonObject { ["bpr"] = new JsonObject { ["learningRate"] = learningRate.DeepClone() } } }, models, search: search);
}
