using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Statistics;

namespace LmmRec.Evaluate.Tests;

public sealed class DriftTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Users_are_matched_by_their_own_ids_and_those_of_one_night_alone_do_not_count()
    {
        await MeasureAsync("then", "a", [("u1", 0.1), ("u2", 0.5), ("u3", 0.3), ("gone", 1)]);
        await MeasureAsync("now/evaluation", "a", [("new", 0), ("u3", 0.5), ("u1", 0.2), ("u2", 0.4)]); // other places, so other dense indices
        var drift = Assert.Single(await DriftAsync("a"));
        var test = PairedTTest.Of([0.5, 0.2, 0.4], [0.3, 0.1, 0.5]);
        Assert.Equal(("a", "Recall@20", 3), (drift.Case, drift.Metric, drift.Users));
        Assert.Equal(0.9 / 3, drift.Before, 1e-12);
        Assert.Equal(1.1 / 3, drift.After, 1e-12);
        Assert.Equal((test.P, test.HalfWidth), (drift.P, drift.HalfWidth));
        Assert.False(drift.IsWorse);
    }

    [Fact]
    public async Task Worse_is_what_fell_for_the_users_in_both_after_the_correction_over_the_cases()
    {
        (string, double)[] Users(double mean, double spread) => [.. Enumerable.Range(0, 40).Select(user => ($"u{user}", mean + spread * (user % 5 - 2)))];
        foreach (var name in new[] { "fell", "rose", "same" }) await MeasureAsync("then", name, Users(0.5, 0.01));
        await MeasureAsync("now/evaluation", "fell", Users(0.3, 0.02));
        await MeasureAsync("now/evaluation", "rose", Users(0.7, 0.02));
        await MeasureAsync("now/evaluation", "same", Users(0.5, 0.02));
        var drifts = await DriftAsync("fell", "rose", "same");
        Assert.Equal(["fell"], drifts.Where(drift => drift.IsWorse).Select(drift => drift.Case));
        Assert.Equal(HolmBonferroni.Adjust([.. drifts.Select(drift => drift.P)]), drifts.Select(drift => drift.Holm));
    }

    [Fact]
    public async Task What_was_not_measured_before_or_shares_no_two_users_with_it_has_no_drift()
    {
        await MeasureAsync("then", "a", [("u1", 0.1), ("u2", 0.2)]);
        await MeasureAsync("now/evaluation", "a", [("u2", 0.1), ("u3", 0.2)]);
        await MeasureAsync("now/evaluation", "b", [("u2", 0.1), ("u3", 0.2)]);
        Assert.Empty(await DriftAsync("a", "b"));
    }

    private async Task MeasureAsync(string root, string name, IReadOnlyList<(string Id, double Recall)> users)
    {
        var writer = new ArtifactWriter(_folder.PathOf(Path.Combine(root, name)), new Recipe($"evaluate/{name}", 1, [], []));
        await writer.WriteTableAsync(users.Select((user, index) => new PerUserRow(name, 20, index, user.Id, user.Recall, 0, 0, 0, 0, 0)), Cancellation);
        await writer.CommitAsync(Cancellation);
    }

    private async Task<IReadOnlyList<Drift>> DriftAsync(params string[] cases)
    {
        var writer = new ArtifactWriter(_folder.PathOf("now/comparison"), new Recipe("compare", 1, [], []));
        writer.Facts["cases"] = new JsonArray([.. cases.Select(name => (JsonNode)name)]);
        await writer.CommitAsync(Cancellation);
        var dataSet = new EvaluatedDataSet("now", _folder.PathOf("now"), new Dictionary<string, string>());
        return await Drift.OfAsync(dataSet, folder => Task.FromResult(_folder.PathOf(Path.Combine("then", Path.GetFileName(folder))) is var then && Directory.Exists(then) ? then : null), Cancellation);
    }
}
