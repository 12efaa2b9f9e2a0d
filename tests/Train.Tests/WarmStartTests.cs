using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Tests;

/// <summary>Yesterday's shop lacks users and items in the middle of today's, so that a row's number says nothing of whose it is.</summary>
public sealed class WarmStartTests : IDisposable
{
    private const double NextToNothing = 1e-8; // a learning rate, so that a training ends where it began
    private static readonly int[] NewUsers = [0, 17], NewItems = [3, 20];

    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Recommenders => [.. Recommender.All.Keys];

    public void Dispose() => _shop.Dispose();

    [Theory]
    [MemberData(nameof(Recommenders))]
    public async Task A_training_begins_with_yesterdays_rows_of_users_and_items_and_with_fresh_ones_for_new_ones(string recommender)
    {
        await WriteAsync();
        var yesterday = Training(recommender, "models", "yesterday-", learningRate: 0.01);
        await SmallShop.RunAsync(yesterday);
        var former = Parameters(yesterday.Folder);
        var cold = Training(recommender, "cold", "today-", NextToNothing);
        await SmallShop.RunAsync(cold);
        var today = Training(recommender, "models", "today-", NextToNothing, warm: true);
        await SmallShop.RunAsync(today);

        var (drawn, kept) = (Parameters(cold.Folder), 0);
        foreach (var (name, values) in Parameters(today.Folder))
        {
            var formerRows = name.EndsWith("/features", StringComparison.Ordinal) ? [] : FormerRows(values.Shape); // a table of features begins with today's
            var width = values.As<float>().Length / Math.Max(1, formerRows.Length);
            Assert.Equal(name.EndsWith("/features", StringComparison.Ordinal), formerRows.Length == 0);
            for (var row = 0; row < Math.Max(1, formerRows.Length); row++)
            {
                var isKept = formerRows.Length > 0 && formerRows[row] >= 0;
                var expected = isKept ? former[name].As<float>().AsSpan(formerRows[row] * width, width) : drawn[name].As<float>().AsSpan(row * width, width);
                for (var n = 0; n < width; n++) Assert.Equal(expected[n], values.As<float>()[row * width + n], 1e-5f);
                if (isKept) kept++;
            }
        }
        Assert.True(kept > 0);

        // By today's row; a parameter that has none begins whole, as one row.
        static int[] FormerRows(long[] shape) => shape[0] switch
        {
            SmallShop.Users => Rows(SmallShop.Users, NewUsers),
            SmallShop.Items => Rows(SmallShop.Items, NewItems),
            SmallShop.Users + SmallShop.Items => [.. Rows(SmallShop.Users, NewUsers), .. Rows(SmallShop.Items, NewItems).Select(row => row < 0 ? row : SmallShop.Users - NewUsers.Length + row)],
            _ => [0],
        };

        static int[] Rows(int count, int[] fresh)
        {
            int[] old = [.. Enumerable.Range(0, count).Except(fresh)];
            return [.. Enumerable.Range(0, count).Select(row => Array.IndexOf(old, row))];
        }
    }

    [Theory]
    [MemberData(nameof(Recommenders))]
    public void A_recommender_says_of_every_table_that_it_draws_whether_its_rows_are_users_or_items(string name)
    {
        var g = new Graph(name);
        var data = SmallModel.Data();
        Recommender.All[name].Build(g, new TripleInputs(Indices("u"), Indices("p"), Indices("n")), new Catalogue(SmallModel.Users, SmallModel.Items, Features(20), Features(12))
        {
            UserItems = UserItemGraph.Of(data),
            BatchSize = SmallModel.BatchSize,
            Neighbours = (features, k) => Dense.Neighbours.Of(features.Values, features.Width, k, threads: 1, Cancellation),
        }, SmallModel.Default(name));
        var drawn = g.Parameters.Where(parameter => parameter.Value is null).ToList();
        Assert.Contains(drawn, parameter => parameter.Rows is not null);
        Assert.All(drawn, parameter => Assert.Equal(parameter.Tensor.Shape[0].Value switch
        {
            SmallModel.Users => Catalogue.UserRows,
            SmallModel.Items => Catalogue.ItemRows,
            SmallModel.Users + SmallModel.Items => Catalogue.NodeRows,
            _ => null,
        }, parameter.Rows));

        Tensor Indices(string input) => g.Input(input, ElementType.Int64, ["batch"]);

        static FeatureMatrix Features(int width) => new([.. Enumerable.Range(1, SmallModel.Items * width).Select(n => (float)(n % 7))], width);
    }

    [Fact]
    public async Task The_first_training_begins_cold_and_a_second_run_right_after_a_warm_one_does_nothing()
    {
        await WriteAsync();
        var (step, progress) = (Training("bpr", "models", "yesterday-", 0.01, warm: true), new KillAfter(int.MaxValue, null));
        await RunAsync(step, progress);
        Assert.Null(Manifest.Read(step.Folder).Recipe.StartedFrom);
        Assert.Contains("bpr-s999: begins cold: there is no whole model of it to start from that was trained by the same split", progress.Notes);

        var content = Manifest.Read(step.Folder).Content;
        var next = Training("bpr", "models", "today-", 0.01, warm: true);
        await RunAsync(next, progress);
        Assert.Equal(content, Manifest.Read(step.Folder).Recipe.StartedFrom);
        Assert.Contains("bpr-s999: starts from the model that is there, which has 28 of 30 users and 22 of 24 items", progress.Notes);
        Assert.Empty(await Verification.CheckAsync(next.Folder, Cancellation));
        Assert.False((await SmallShop.RunAsync(next)).Ran);
    }

    [Fact]
    public async Task Where_it_is_switched_on_the_model_that_is_there_is_trained_on_once()
    {
        await WriteAsync();
        var cold = Training("bpr", "models", "today-", 0.01);
        await SmallShop.RunAsync(cold);
        var warm = Training("bpr", "models", "today-", 0.01, warm: true);
        Assert.Equal(["option warmStart (none) → true"], (await StepState.OfAsync(warm, "cpu", Cancellation)).Reasons);
        Assert.True((await SmallShop.RunAsync(warm)).Ran);
        Assert.NotNull(Manifest.Read(warm.Folder).Recipe.StartedFrom);
        Assert.False((await SmallShop.RunAsync(warm)).Ran);
    }

    [Theory]
    [InlineData("vbpr")]
    [InlineData("mmgcn")] // has tables that it draws and never trains
    public async Task The_same_model_to_start_from_gives_the_same_bytes_with_any_number_of_threads_and_after_a_kill(string recommender)
    {
        await WriteAsync();
        foreach (var (models, threads) in new[] { ("one", 1), ("four", 4), ("killed", 2) })
        {
            await SmallShop.RunAsync(Training(recommender, models, "yesterday-", 0.01));
            var step = Training(recommender, models, "today-", 0.01, warm: true);
            if (models == "killed")
            {
                using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(step, new KillAfter(3, kill), new HourByHour(), kill.Token));
            }
            var progress = new KillAfter(int.MaxValue, null);
            await new StepRunner(progress, new HourByHour(), threads, device: "cpu").RunAsync(step, Cancellation);
            Assert.Equal(models == "killed" ? 3 : 0, progress.First);
        }
        var expected = Files("one");
        Assert.Equal(expected, Files("four"));
        Assert.Equal(expected, Files("killed"));

        SortedDictionary<string, string> Files(string models) => new(Directory.EnumerateFiles(Training(recommender, models, "today-", 0.01).Folder)
            .Where(path => Path.GetFileName(path) != Manifest.TimingsFileName).ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexString(File.ReadAllBytes(path))));
    }

    [Fact]
    public async Task A_training_does_not_go_on_with_what_one_began_that_started_from_another_model()
    {
        await WriteAsync();
        var yesterday = Training("bpr", "models", "yesterday-", 0.01);
        await SmallShop.RunAsync(yesterday);
        var step = Training("bpr", "models", "today-", 0.01, warm: true);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(step, new KillAfter(3, kill), new HourByHour(), kill.Token));
        Directory.Delete(yesterday.Folder, recursive: true);
        var progress = new KillAfter(int.MaxValue, null);
        await RunAsync(step, progress);
        Assert.Equal(0, progress.First);
        Assert.Null(Manifest.Read(step.Folder).Recipe.StartedFrom);
    }

    [Fact]
    public async Task Every_setting_starts_from_the_same_model_and_says_what_of_it_does_not_fit()
    {
        await WriteAsync();
        await SmallShop.RunAsync(Training("vbpr", "models", "yesterday-", 0.01));
        var progress = new KillAfter(int.MaxValue, null);
        await RunAsync(Training("vbpr", "models", "today-", 0.01, warm: true, dimensions: new JsonArray(64, 8)), progress);
        const string Start = "starts from the model that is there, which has 28 of 30 users and 22 of 24 items";
        Assert.Contains($"vbpr-both-pt-vt-s999: dimensions=64: {Start}", progress.Notes);
        Assert.Contains(
            $"vbpr-both-pt-vt-s999: dimensions=8: {Start}; it has no such user_embedding [30, 16], item_embedding [24, 8], item_linear.weight [8, 12], item_linear.bias [8]: drawn as for a cold start",
            progress.Notes);
    }

    [Fact]
    public async Task A_damaged_model_is_no_start_and_is_not_kept()
    {
        await WriteAsync();
        var yesterday = Training("bpr", "models", "yesterday-", 0.01);
        await SmallShop.RunAsync(yesterday);
        var step = Training("bpr", "models", "today-", 0.01, warm: true);
        var checkpoint = Directory.GetFiles(yesterday.Folder, "checkpoint-*.safetensors").Single();
        var bytes = await File.ReadAllBytesAsync(checkpoint, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(checkpoint, bytes, Cancellation);
        var (progress, kept) = (new KillAfter(int.MaxValue, null), new KeptArtifacts(Path.GetDirectoryName(step.Folder)!));
        await new StepRunner(progress, new HourByHour(), 1, device: "cpu") { Kept = kept }.RunAsync(step, Cancellation);
        Assert.Null(Manifest.Read(step.Folder).Recipe.StartedFrom);
        Assert.Empty(kept.Folders);
        Assert.Contains(progress.Notes, note => note.StartsWith($"warning: train/bpr-s999: does not start from what its folder holds, which is damaged: {checkpoint}: has SHA-256 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_was_trained_by_another_split_is_no_start_since_it_knows_what_is_held_out()
    {
        await _shop.WriteAsync("yesterday-", NewItems, NewUsers, split: "random 999");
        await _shop.WriteAsync("today-");
        await SmallShop.RunAsync(Training("bpr", "models", "yesterday-", 0.01));
        var (step, progress) = (Training("bpr", "models", "today-", 0.01, warm: true), new KillAfter(int.MaxValue, null));
        await RunAsync(step, progress);
        Assert.Null(Manifest.Read(step.Folder).Recipe.StartedFrom);
        Assert.Contains("bpr-s999: begins cold: there is no whole model of it to start from that was trained by the same split", progress.Notes);
    }

    [Fact]
    public void Encoders_that_are_trained_with_the_recommender_are_refused()
    {
        var options = new TrainOptions { Recommenders = ["vbpr"], WarmStart = true };
        var refused = Assert.Throws<ConfigurationException>(() => TrainStage.Steps(
            options, [new TrainCase(Recommender.All["vbpr"], new FeatureSet("clip", FeatureSource.EndToEnd, null, null), "vt", 1)], "ingest", "models"));
        Assert.Contains("train.warmStart: an encoder of the paradigm \"ete\"", refused.Message, StringComparison.Ordinal);
    }

    private async Task WriteAsync()
    {
        await _shop.WriteAsync("yesterday-", NewItems, NewUsers);
        await _shop.WriteAsync("today-");
    }

    private Step Training(string recommender, string models, string name, double learningRate, bool warm = false, JsonArray? dimensions = null)
    {
        var own = new JsonObject { ["learningRate"] = learningRate };
        if (dimensions is not null) own["dimensions"] = dimensions;
        return _shop.Training(
            new TrainOptions { Recommenders = [recommender], Epochs = learningRate == NextToNothing ? 1 : 6, BatchSize = 32, WarmStart = warm, Options = new JsonObject { [recommender] = own } }, models, name);
    }

    private static Task<StepOutcome> RunAsync(Step step, KillAfter progress) => SmallShop.RunAsync(step, progress, new HourByHour(), Cancellation);

    private static Dictionary<string, TensorData> Parameters(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "training.json")))!["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!)
            .ToDictionary(name => name, name => TrainingArtifacts.TryReadParameter(folder, name)!);
}
