using LmmRec.Artifacts.Tables;
using LmmRec.Ranking;

namespace LmmRec.Evaluate.Tests;

/// <summary>Groups and what lists are like apart from their hits, found anew from the lists that were written and the shop's definition.</summary>
public sealed class MetricGroupTests : IDisposable
{
    private const int Cutoff = 4, Cold = 12;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Coverage_gini_novelty_popularity_and_similarity_follow_from_the_lists_and_the_training_part()
    {
        await _workspace.IngestAsync(cold: Cold);
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [Cutoff, Cutoff + 3] });
        var who = Enumerable.Range(0, Workspace.Items).Select(item => Enumerable.Range(0, Workspace.Users).Where(user => item != Cold && Workspace.TrainingItems(user).Contains(item)).ToHashSet()).ToList();

        foreach (var lists in (await _workspace.ReadCasesAsync<RankingRow>()).Where(row => row.Rank <= Cutoff).GroupBy(row => row.Case))
        {
            var found = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Group: "all", Split: Splits.Test, Cutoff: Cutoff } && row.Case == lists.Key).ToDictionary(row => row.Metric);
            var byUser = lists.GroupBy(row => row.User, row => row.Item).ToList();
            Assert.All(byUser, list => Assert.Equal(Cutoff, list.Count()));
            var times = who.Select((_, item) => (double)lists.Count(row => row.Item == item)).ToList();
            Is("coverage", times.Count(count => count > 0) / (double)Workspace.Items);
            Is("gini", times.Sum(a => times.Sum(b => Math.Abs(a - b))) / (2 * times.Count * times.Sum())); // by the mean difference of two items
            Is("novelty", byUser.Average(list => list.Average(item => Math.Log2(Workspace.Users / (double)Math.Max(1, who[item].Count)))));
            Is("popularity", byUser.Average(list => list.Average(item => who[item].Count))
                / byUser.Average(list => Workspace.TrainingItems(list.Key).Where(item => item != Cold).Average(item => who[item].Count)));
            Is("intra_list", byUser.Average(list => list.SelectMany(a => list.Where(b => b > a).Select(b => Cosine(who[a], who[b]))).Average()));

            void Is(string metric, double value)
            {
                Assert.Equal(value, found[metric].Value, 1e-12);
                Assert.Equal(Workspace.Users - 1, found[metric].Users);
            }
        }

        static double Cosine(HashSet<int> a, HashSet<int> b) => a.Count == 0 || b.Count == 0 ? 0 : a.Intersect(b).Count() / Math.Sqrt(a.Count * (double)b.Count);
    }

    [Fact]
    public async Task Users_by_activity_and_items_by_popularity_have_rows_that_cover_each_once()
    {
        await _workspace.IngestAsync(cold: Cold);
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [Cutoff] });
        var rows = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Case: "some", Split: Splits.Test, Metric: "ndcg" }).ToDictionary(row => row.Group);
        var perUser = (await _workspace.ReadCasesAsync<PerUserRow>()).Where(row => row.Case == "some").ToList();
        // A user has one test item, so that a group of items is one of users, too.
        Covers("activity", ["cold-users"], user => Workspace.TrainingItems(user).Count(item => item != Cold));
        Covers("popularity", ["cold-items"], user => Workspace.TestItem(user) == Cold ? 0 : Enumerable.Range(0, Workspace.Users).Count(other => Workspace.TrainingItems(other).Contains(Workspace.TestItem(user))));

        void Covers(string kind, string[] beside, Func<int, int> count)
        {
            var groups = rows.Keys.Where(group => group.StartsWith(kind, StringComparison.Ordinal)).ToList();
            Assert.InRange(groups.Count, 1, 4);
            Assert.Equal(perUser.Count, groups.Concat(beside.Where(rows.ContainsKey)).Sum(group => rows[group].Users));
            foreach (var group in groups)
            {
                var range = group.Split('-').Skip(1).Select(int.Parse).ToList();
                var users = perUser.FindAll(row => count(row.User) >= range[0] && count(row.User) <= range[^1]);
                Assert.Equal((users.Count, users.Average(row => row.Ndcg)), (rows[group].Users, rows[group].Value));
            }
        }
    }

    [Fact]
    public async Task Users_without_training_items_have_a_row_where_a_split_has_some()
    {
        await _workspace.IngestAsync(coldUser: 3);
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [Cutoff] });
        var perUser = (await _workspace.ReadCasesAsync<PerUserRow>()).Single(row => row is { Case: "some", User: 3 });
        var row = (await _workspace.ReadCasesAsync<MetricRow>()).Single(row => row is { Case: "some", Group: "cold-users", Metric: "ndcg" });
        Assert.Equal((1, perUser.Ndcg), (row.Users, row.Value));
    }

    [Fact]
    public async Task A_list_of_one_has_no_similarity_within()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [1] });
        var metrics = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Case: "some", Group: "all", Split: Splits.Test }).Select(row => row.Metric);
        Assert.Equal([.. Enum.GetValues<RankingMetric>().Select(metric => metric.ToString().ToLowerInvariant()), "coverage", "gini", "novelty", "popularity"], metrics);
    }
}
