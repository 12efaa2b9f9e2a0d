using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;

namespace LmmRec.Train.Tests;

public sealed class ResumeTests : IDisposable
{
    private readonly SmallShop _shop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData("bpr")]
    [InlineData("lattice")] // rebuilds its item graph from the parameters
    [InlineData("freedom")] // draws edges for every epoch
    [InlineData("mmgcl")] // and for every batch
    public async Task A_killed_training_goes_on_and_gives_the_same_bytes(string recommender)
    {
        await _shop.WriteAsync();
        await Run(Step(recommender, "whole"), Cancellation);

        var step = Step(recommender, "killed");
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(step, kill.Token, new KillAfter(5, kill)));
        Assert.False(Directory.Exists(step.Folder));
        var resumed = new KillAfter(int.MaxValue, kill);
        await Run(step, Cancellation, resumed);

        Assert.Equal(5, resumed.First); // epochs that need not be trained again
        Assert.Contains($"{step.Name}: runs (goes on with epoch 5 of learningRate=0.01)", resumed.Notes);
        foreach (var file in Directory.EnumerateFiles(step.Folder).Select(Path.GetFileName).Where(name => name != "timings.json"))
            Assert.True(File.ReadAllBytes(Path.Combine(step.Folder, file!)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Step(recommender, "whole").Folder, file!))), $"{file} differs");
        Assert.DoesNotContain(Directory.EnumerateDirectories(_shop.PathOf("killed")), path => path.EndsWith("~unfinished", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Status_says_where_a_killed_training_goes_on_and_that_another_one_begins_anew()
    {
        await _shop.WriteAsync();
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var step = Step("bpr", "killed");
        Assert.Equal(["there is no artifact yet"], await Reasons(step));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(step, kill.Token, new KillAfter(9 + 3, kill)));
        Assert.Equal(["goes on with epoch 3 of learningRate=0.02"], await Reasons(step));
        Assert.Equal(["there is no artifact yet"], await Reasons(Step("bpr", "killed", batchSize: 64)));

        static async Task<IReadOnlyList<string>> Reasons(Step step) => (await StepState.OfAsync(step, "cpu", Cancellation)).Reasons;
    }

    [Fact]
    public async Task A_training_that_is_killed_while_its_first_state_is_written_begins_anew()
    {
        await _shop.WriteAsync();
        var step = Step("bpr", "killed");
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(step, kill.Token, new KillAfter(5, kill)));
        File.Delete(Directory.GetFiles(_shop.PathOf("killed"), "checkpoint.json", SearchOption.AllDirectories).Single(path => Path.GetFileName(Path.GetDirectoryName(path)) == "last"));
        var again = new KillAfter(int.MaxValue, kill);
        await Run(step, Cancellation, again);
        Assert.Equal(0, again.First);
    }

    [Fact]
    public async Task Where_saving_takes_no_time_nothing_but_the_epoch_under_way_is_lost()
    {
        await _shop.WriteAsync();
        var (step, clock) = (Step("bpr", "killed"), new StandingClock());
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmallShop.RunAsync(step, new KillAfter(5, kill), clock, kill.Token));
        var resumed = new KillAfter(int.MaxValue, kill);
        await SmallShop.RunAsync(step, resumed, clock, Cancellation);
        Assert.Equal(5, resumed.First);
    }

    private Step Step(string recommender, string models, int batchSize = 32) => _shop.Training(
        new TrainOptions
        {
            Recommenders = [recommender],
            Epochs = 9,
            BatchSize = batchSize,
            Options = new JsonObject { [recommender] = new JsonObject { ["learningRate"] = new JsonArray(0.01, 0.02) } },
        },
        models);

    private static Task<StepOutcome> Run(Step step, CancellationToken cancellation, KillAfter? progress = null) =>
        SmallShop.RunAsync(step, progress ?? new KillAfter(int.MaxValue, null), new HourByHour(), cancellation);

    /// <summary>A clock on which no time passes.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
