using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

public sealed class RankingsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Lists_in_any_form_are_worth_what_the_model_is_that_made_them()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("model", skill: 0.5);
        await _workspace.EvaluateAsync();
        var rows = (await _workspace.ReadCasesAsync<RankingRow>()).Where(row => row.Case == "model").Reverse().ToList();
        _workspace.AddRankings("trec.run", rows.Select(row => Text($"{row.UserId}\tQ0 {row.ItemId}   {row.Rank} {row.Score:R} model")));
        _workspace.AddRankings("scores.csv", ["item;user;score", .. rows.Select(row => Text($"{row.ItemId};{row.UserId};{row.Score:R}"))]);
        _workspace.AddRankings("ranks.tsv", ["user_id:token\titem_id:token\trank:float", .. rows.Select(row => Text($"{row.UserId}\t{row.ItemId}\t{row.Rank}"))]);
        _workspace.Rankings.Add(Path.Combine(Path.GetDirectoryName(_workspace.Ingest)!, "own.parquet"));
        File.Copy(Path.Combine(_workspace.EvaluationOf("model"), "rankings.parquet"), _workspace.Rankings[^1]);

        Assert.Equal(["evaluate/trec", "evaluate/scores", "evaluate/ranks", "evaluate/own", "compare", "report"], await _workspace.EvaluateAsync());
        var tests = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row.Split == Splits.Test)
            .ToLookup(row => row.Case, row => (row.Group, row.Metric, row.Cutoff, row.Users, row.Value));
        Assert.All(["trec", "scores", "ranks", "own"], name => Assert.Equal(tests["model"], tests[name]));
        Assert.Contains("<small>trec ", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Equal(15 * 4, (await _workspace.ReadTestsAsync()).Count); // pairs of six cases
        Assert.DoesNotContain(await _workspace.ReadCasesAsync<MetricRow>(), row => row.Case == "trec" && row.Split == Splits.Validation);
    }

    [Fact]
    public async Task A_rank_rules_over_a_score_and_equal_ones_stand_by_item_index()
    {
        await _workspace.IngestAsync();
        _workspace.AddRankings("ranks.csv", "user,item,score,rank", "A000,B026,5,2", "A000,B002,1,1", "A000,B001,1,1");
        _workspace.AddRankings("scores.csv", "user,item,score", "A000,B026,5", "A000,B002,7", "A000,B001,7");
        await _workspace.EvaluateAsync();
        foreach (var (name, scores) in new[] { ("ranks", new[] { 1.0, 1, 5 }), ("scores", [7, 7, 5]) })
        {
            var rows = (await _workspace.ReadCasesAsync<RankingRow>()).Where(row => row.Case == name).ToList();
            Assert.Equal([("B001", 1), ("B002", 2), ("B026", 3)], rows.Select(row => (row.ItemId, row.Rank)));
            Assert.Equal(scores, rows.Select(row => row.Score));
        }
    }

    [Fact]
    public async Task What_is_no_candidate_is_left_out_and_what_cannot_be_used_is_counted_and_named()
    {
        await _workspace.IngestAsync();
        _workspace.AddRankings("odd.csv",
            "user,item,score", "nobody,B001,1", "A000,new,9", "A000,B004,8", $"A000,{Workspace.ItemId(Workspace.TestItem(0))},7", "A000,B001,6", "A000,B001,5", "A039,B002,1");
        await _workspace.EvaluateAsync();

        var rows = (await _workspace.ReadCasesAsync<RankingRow>()).Where(row => row.Case == "odd").ToList();
        Assert.Equal([(0, 1, "B024"), (0, 2, "B001")], rows.Select(row => (row.User, row.Rank, row.ItemId))); // B004 is a training item; user A039 has no test item
        Assert.Equal(1.0 / (Workspace.Users - 1), (await _workspace.ReadCasesAsync<MetricRow>()).Single(row => row is { Case: "odd", Group: "all", Metric: "mrr", Cutoff: 10 }).Value, 1e-15);
        Assert.Equal(
            [
                "warning: odd: 1 row names a user that the shop does not have, such as 'nobody' (odd.csv, line 2); left out, and what follows moves up",
                "warning: odd: 1 row names an item that the shop does not have, such as 'new' (odd.csv, line 3); left out, and what follows moves up",
                "warning: odd: 1 row names an item of the user's own training part, such as 'B004' of user 'A000' (odd.csv, line 4); left out, and what follows moves up",
                "warning: odd: 1 row names an item that stands among the first of the user's list already, such as 'B001' of user 'A000'; left out, and what follows moves up",
                "warning: odd: 38 of the 39 users of the test split have no list, such as 'A001'; they count as having found nothing",
            ], _workspace.Notes.Where(note => note.StartsWith("warning: odd", StringComparison.Ordinal)));
        var facts = Manifest.Read(_workspace.EvaluationOf("odd")).Facts;
        Assert.Equal([7, 1, 1, 1, 1, 38],
            new[] { "rows", "unknownUsers", "unknownItems", "trainingItems", "repeatedItems", "usersWithoutList" }.Select(fact => (int)facts[fact]!));
    }

    [Fact]
    public async Task Of_long_lists_in_any_order_the_first_count()
    {
        await _workspace.IngestAsync();
        string[] candidates = [.. Enumerable.Range(0, Workspace.Items).Except(Workspace.TrainingItems(0)).Select(Workspace.ItemId)];
        var rows = candidates.Index().Concat(candidates.Index().Select(row => (Index: row.Index + candidates.Length, row.Item))).ToArray(); // each item twice, the second time lower
        new SeededRandom(7).Shuffle(rows);
        _workspace.AddRankings("long.csv", ["user,item,rank", .. rows.Select(row => Text($"A000,{row.Item},{row.Index}"))]);
        await _workspace.EvaluateAsync();
        Assert.Equal(candidates[..20], (await _workspace.ReadCasesAsync<RankingRow>()).Where(row => row.Case == "long").Select(row => row.ItemId));
    }

    [Theory]
    [InlineData("bad.csv: is empty")]
    [InlineData("bad.csv: holds no list; there is no row", "user,item,score")]
    [InlineData("bad.csv: lists need a column user_id or user, one item_id or item, and rank or score; there are a, b", "a,b", "1,2")]
    [InlineData("bad.csv, line 3: the score 'NaN' is no finite number", "user,item,score", "A000,B001,1", "A000,B002,NaN")]
    [InlineData("bad.csv, line 2: the rank 'first' is no finite number", "user,item,rank", "A000,B001,first")]
    [InlineData("bad.csv, line 2: has 5 cells where a run file has 6", "A000 Q0 B001 1 0.5 x", "A000 Q0 B001 2 0.5")]
    [InlineData("bad.csv, line 3: has 2 cells where there are 3 columns", "user,item,score", "A000,B001,1", "A000,B002")]
    [InlineData("bad.csv: holds no list for any of the 39 users of the test split; 1 row names a user that the shop does not have, such as '7' (bad.csv, line 2); ids are the shop's own, such as user 'A000' and item 'B000'", "user,item,score", "7,B001,1")]
    public async Task A_file_that_has_no_order_or_no_list_is_refused_with_its_place(string message, params string[] lines)
    {
        await _workspace.IngestAsync();
        _workspace.AddRankings("bad.csv", lines);
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _workspace.EvaluateAsync());
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace.EvaluationOf("bad")));
    }

    [Fact]
    public void A_file_whose_name_can_be_no_case_is_refused()
    {
        foreach (var name in new[] { "Most-Popular.csv", "a b.csv", "..csv", "twice.csv", "Twice.run.gz", "twice.run" }) _workspace.AddRankings(name);
        var error = Assert.Throws<ConfigurationException>(() => EvaluateStage.Steps(new EvaluateOptions(), _workspace.DataSet));
        Assert.Equal(["there is a case 'most-popular' already", "'a b' cannot name a case", "'.' cannot name a case", "another file gives a case 'Twice', too", "another file gives a case 'twice', too"],
            error.Faults.Select(fault => fault[(fault.LastIndexOf(": ", StringComparison.Ordinal) + 2)..fault.LastIndexOf(';')]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
