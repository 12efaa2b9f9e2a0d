using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Tests;

public sealed class EvaluateStageTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_model_that_puts_the_held_out_items_first_gets_full_marks()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("perfect", skill: 2);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [2, 10] });

        // The validation item ranks beside the test item, as it stays a candidate.
        var recall = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Group: "all", Metric: "recall", Case: "perfect" }).ToList();
        Assert.Equal(["validation", "validation", "test", "test"], recall.Select(row => row.Split));
        Assert.All(recall, row => Assert.Equal((1.0, Workspace.Users - 1), (row.Value, row.Users)));
    }

    [Fact]
    public async Task Per_user_values_carry_the_users_own_id_and_average_to_the_metric()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [2, 5] });

        var perUser = await _workspace.ReadCasesAsync<PerUserRow>();
        Assert.All(perUser, row => Assert.Equal(Workspace.UserId(row.User), row.UserId));
        var means = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row is { Split: Splits.Test, Group: "all" })
            .ToDictionary(row => (row.Case, row.Metric, row.Cutoff), row => row.Value);
        foreach (var rows in perUser.GroupBy(row => (row.Case, row.Cutoff)))
        {
            Assert.Equal(Workspace.Users - 1, rows.Count());
            foreach (var (metric, value) in new (string, Func<PerUserRow, double>)[]
            {
                ("recall", row => row.Recall), ("ndcg", row => row.Ndcg), ("precision", row => row.Precision),
                ("map", row => row.Map), ("mrr", row => row.Mrr), ("hit", row => row.Hit),
            })
            {
                Assert.Equal(means[(rows.Key.Case, metric, rows.Key.Cutoff)], rows.Average(value), 1e-12);
                Assert.InRange(rows.Average(value), 0.01, 0.99);
            }
        }
    }

    [Fact]
    public async Task Vectors_belong_to_ids_and_not_to_places_in_a_file()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("forwards", skill: 0.5);
        await _workspace.TrainAsync("backwards", skill: 0.5, backwards: true);
        await _workspace.EvaluateAsync();

        var byCase = (await _workspace.ReadCasesAsync<PerUserRow>()).ToLookup(row => row.Case, row => row with { Case = "" });
        Assert.Equal(byCase["forwards"], byCase["backwards"]);
    }

    [Fact]
    public async Task Cases_that_were_measured_on_another_split_of_the_same_users_are_not_compared()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("model", skill: 1);
        await _workspace.EvaluateAsync();
        await _workspace.IngestAsync(cold: 7); // an item has left the training part
        await _workspace.RunAsync("evaluate/most-popular", "compare");
        Assert.Contains(_workspace.Notes, note => note.StartsWith("warning: compare: does without evaluation/model made from this ingest", StringComparison.Ordinal));
        Assert.Empty(await _workspace.ReadTestsAsync());
        await _workspace.TrainAsync("model", skill: 1);
        await _workspace.EvaluateAsync();
        Assert.NotEmpty(await _workspace.ReadTestsAsync());
    }

    [Fact]
    public async Task Any_two_cases_are_tested_and_equal_ones_differ_by_chance()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("good", skill: 2);
        await _workspace.TrainAsync("poor-a", skill: 0);
        await _workspace.TrainAsync("poor-b", skill: 0);
        await _workspace.EvaluateAsync();

        var tests = await _workspace.ReadTestsAsync();
        Assert.Equal(6 * 4, tests.Count); // pairs of these and most-popular, by metric and cut-off
        Assert.All(tests.Where(t => t is { CaseA: "poor-a", CaseB: "poor-b" }),
            t => Assert.Equal((0.0, 0.0, 1.0, 1.0, "equivalent", t.Users), (t.Difference, t.T, t.P, t.PHolm, t.Verdict, t.Ties)));
        Assert.All(tests.Where(t => t is { CaseA: "good", Metric: "ndcg" }), t =>
        {
            Assert.True(t.Difference > 0 && t.T > 0 && t.P < 1e-6 && t.Low > 0 && t.Low < t.Difference && t.Difference < t.High);
            Assert.Equal("different", t.Verdict);
            Assert.Equal(t.Users, t.Wins + t.Ties + t.Losses);
            Assert.True(t.PWilcoxon < 1e-4 && t.PRandomization < 0.01 && t.BootstrapLow > 0);
            Assert.Equal(Workspace.Users - 2, t.DegreesOfFreedom);
            Assert.InRange(t.PHolm, 4 * t.P * (1 - 1e-9), 6 * t.P * (1 + 1e-9)); // of six tests one of the three with the smallest p
        });
    }

    [Fact]
    public async Task One_user_is_measured_and_not_tested()
    {
        await _workspace.IngestAsync(testers: 1);
        await _workspace.TrainAsync("good", skill: 2);
        await _workspace.EvaluateAsync();
        Assert.Empty(await _workspace.ReadTestsAsync());
        Assert.Equal(1.0, (await _workspace.ReadCasesAsync<MetricRow>()).Single(row => row is { Case: "good", Split: Splits.Test, Group: "all", Metric: "recall", Cutoff: 10 }).Value);
        Assert.Contains("needs at least 2 users", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_most_popular_items_are_measured_beside_the_models()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [4] });

        var users = Enumerable.Range(0, Workspace.Users).ToList();
        var popular = Enumerable.Range(0, Workspace.Items).OrderByDescending(item => users.Count(user => Workspace.TrainingItems(user).Contains(item))).ToList();
        var expected = users.SkipLast(1).Average(user => popular.Except(Workspace.TrainingItems(user)).Take(4).Contains(Workspace.TestItem(user)) ? 1.0 : 0);
        var row = (await _workspace.ReadCasesAsync<MetricRow>()).Single(row => row is { Case: "most-popular", Split: Splits.Test, Group: "all", Metric: "recall" });
        Assert.Equal(expected, row.Value, 1e-12);
        Assert.Equal(("most-popular", null, null), (row.Recommender, row.Encoder, row.Seed));
        Assert.InRange(row.Value, 0.01, 0.99);
    }

    [Fact]
    public async Task Items_that_nobody_met_in_training_have_rows_and_a_section_of_their_own()
    {
        const int Cold = 12;
        await _workspace.IngestAsync(cold: Cold);
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [4] });

        // A user has one test item, so that who is to find the cold one is to find nothing else.
        var perUser = (await _workspace.ReadCasesAsync<PerUserRow>()).Where(row => Workspace.TestItem(row.User) == Cold).ToLookup(row => row.Case, row => row.Ndcg);
        var cold = (await _workspace.ReadCasesAsync<MetricRow>()).Where(row => row.Group == "cold-items").ToList();
        Assert.Equal(["most-popular", "some"], cold.Select(row => row.Case).Distinct().Order());
        Assert.Equal(2 * 6, cold.Count);
        Assert.All(cold, row => Assert.Equal((Splits.Test, 4), (row.Split, row.Users)));
        Assert.All(cold.Where(row => row.Metric == "ndcg"), row => Assert.Equal(perUser[row.Case].Average(), row.Value));
        Assert.Equal(0, cold.Single(row => row is { Case: "most-popular", Metric: "recall" }).Value);
        Assert.InRange(cold.Single(row => row is { Case: "some", Metric: "recall" }).Value, 0.01, 1);
        Assert.Contains("<h2>Items that nobody met in training</h2>", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_every_item_was_met_nothing_is_said_of_others()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("some", skill: 0.5);
        await _workspace.EvaluateAsync();
        Assert.DoesNotContain(await _workspace.ReadCasesAsync<MetricRow>(), row => row.Group.StartsWith("cold", StringComparison.Ordinal));
        Assert.DoesNotContain("nobody met", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_case_measures_itself_alone()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        Assert.Equal(["evaluate/most-popular", "evaluate/a", "compare", "report"], await _workspace.EvaluateAsync());
        await _workspace.TrainAsync("b", skill: 1);
        Assert.Equal(["evaluate/b", "compare", "report"], await _workspace.EvaluateAsync());
        Assert.Equal(3 * 4, (await _workspace.ReadTestsAsync()).Count);
    }

    [Fact]
    public async Task Another_margin_measures_nothing_anew()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        await _workspace.EvaluateAsync();
        Assert.Equal(["compare", "report"], await _workspace.EvaluateAsync(new EvaluateOptions { Margin = 0.1 }));
    }

    [Fact]
    public async Task A_page_that_was_deleted_is_written_again()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        await _workspace.EvaluateAsync();
        File.Delete(Path.Combine(_workspace.Report, Manifest.PageFileName));
        Assert.Equal(["report"], await _workspace.EvaluateAsync());
    }

    [Fact]
    public async Task A_case_that_is_not_there_is_left_out_of_the_comparison()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        await _workspace.TrainAsync("b", skill: 1);
        await _workspace.EvaluateAsync();
        Directory.Delete(_workspace.EvaluationOf("b"), recursive: true);
        await _workspace.RunAsync("compare", "report");
        Assert.Equal(["a", "most-popular"], (await EvaluationSummary.ReadAsync(_workspace.DataSet, _cancellation))!.Rows.Select(row => row.Case).Order());
    }

    [Fact]
    public async Task A_case_that_was_measured_on_another_split_is_not_compared_and_named()
    {
        await _workspace.IngestAsync(title: "Cup");
        await _workspace.TrainAsync("brought", skill: 0.5);
        await _workspace.EvaluateAsync();
        await _workspace.IngestAsync(title: "Plate");
        await _workspace.RunAsync("evaluate/most-popular");
        await _workspace.RunAsync("compare", "report");
        Assert.Contains("warning: compare: does without evaluation/brought made from this ingest; the one that is there was made from another", _workspace.Notes);
        Assert.Equal(["most-popular"], (await EvaluationSummary.ReadAsync(_workspace.DataSet, _cancellation))!.Rows.Select(row => row.Case));
    }

    [Fact]
    public async Task A_model_whose_last_training_failed_is_not_measured_and_an_old_comparison_is_not_shown()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        await _workspace.EvaluateAsync();
        MarkFailed(_workspace.ModelOf("a"));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _workspace.RunAsync("evaluate/a"));
        Assert.StartsWith("needs models/a, whose last attempt failed: the loss is not finite", error.Message, StringComparison.Ordinal);
        MarkFailed(_workspace.Comparison);
        Assert.Null(await EvaluationSummary.ReadAsync(_workspace.DataSet, _cancellation));

        static void MarkFailed(string folder) => File.WriteAllText(folder + "~failed", """{ "step": "it", "cause": "input", "message": "the loss is not finite" }""");
    }

    [Fact]
    public async Task Features_that_lost_a_file_do_not_stop_the_report()
    {
        await _workspace.IngestAsync();
        await _workspace.FeaturizeAsync("looks", visual: 4, textual: 0);
        await _workspace.EvaluateAsync();
        foreach (var file in Directory.EnumerateFiles(_workspace.Features["looks"], "*.parquet")) File.Delete(file);
        Assert.Equal(["report"], await _workspace.RunAsync("compare", "report"));
        Assert.Contains("warning: report: does without shop/features/looks, whose features-00000.parquet is missing or damaged", _workspace.Notes);
    }

    [Fact]
    public async Task The_same_input_gives_the_same_bytes_with_any_number_of_threads()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0.5);
        await _workspace.TrainAsync("b", skill: 1);
        await _workspace.EvaluateAsync(threads: 1);
        var first = _workspace.EvaluationBytes();
        _workspace.ForgetEvaluation();
        await _workspace.EvaluateAsync(threads: 3);
        Assert.Equal(first, _workspace.EvaluationBytes());
        Assert.Equal(
            [
                "comparison/manifest.json", "comparison/tests.parquet",
                .. from name in new[] { "a", "b", "most-popular" }
                   from file in new[] { "manifest.json", "metrics.parquet", "per-user.parquet", "rankings.parquet" }
                   select $"evaluation/{name}/{file}",
                "report/index.html", "report/manifest.json", "report/metrics.csv", "report/report.md", "report/tables.tex",
            ], first.Keys);
    }

    [Fact]
    public async Task The_summary_for_the_terminal_has_one_row_per_case_and_is_there_when_the_stage_is_skipped()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("poor", skill: 0);
        await _workspace.TrainAsync("good", skill: 2);
        await _workspace.EvaluateAsync();
        Assert.Empty(await _workspace.EvaluateAsync());

        var summary = await EvaluationSummary.ReadAsync(_workspace.DataSet, _cancellation);
        Assert.NotNull(summary);
        Assert.Equal(["Recall@10", "Recall@20", "NDCG@10", "NDCG@20"], summary.Columns);
        Assert.Equal(["most-popular", "poor"], summary.Rows.Skip(1).Select(row => row.Case).Order());
        Assert.Equal("good", summary.Rows[0].Case);
        Assert.Equal(summary.Rows.OrderByDescending(row => row.Values[1]).ThenByDescending(row => row.Values[3]), summary.Rows);
        Assert.Equal(Workspace.Users - 1, summary.Users);
        Assert.Equal(1.0, summary.Rows[0].Values[0]);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_named_and_the_error_says_what_to_do()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("gone", skill: 1);
        Directory.Delete(_workspace.ModelOf("gone"), recursive: true);
        await Fails("needs models/gone, which is not there", "run the earlier stages first");
    }

    [Fact]
    public async Task More_ranks_than_items_are_refused_with_key_file_and_allowed_range_before_anything_is_trained()
    {
        await _workspace.IngestAsync();
        var options = new EvaluateOptions { Cutoffs = [10, 31] };
        var early = Assert.Throws<InvalidInputException>(() => EvaluateStage.Check(options, _workspace.Ingest));
        foreach (var part in new[] { "evaluate.cutoffs: 31 is more than the 30 items", "shop.inter", "allowed 1 to 30" }) Assert.Contains(part, early.Message, StringComparison.Ordinal);
        EvaluateStage.Check(options with { Cutoffs = [30] }, _workspace.Ingest);

        await _workspace.TrainAsync("a", skill: 0);
        Assert.Equal(early.Message, (await Assert.ThrowsAsync<InvalidInputException>(() => _workspace.EvaluateAsync(options))).Message);
    }

    [Fact]
    public async Task An_empty_test_split_is_refused_before_anything_is_trained()
    {
        EvaluateStage.Check(new EvaluateOptions(), _workspace.Ingest); // nothing is known yet
        await _workspace.IngestAsync(testers: 0);
        var error = Assert.Throws<InvalidInputException>(() => EvaluateStage.Check(new EvaluateOptions(), _workspace.Ingest));
        foreach (var part in new[] { "ingest.split", "shop.inter", "is in the test split" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_split_is_refused_with_the_reason_that_holds()
    {
        await _workspace.IngestAsync(change: facts => facts["interactions"]![Splits.Train] = 0);
        Assert.Contains("is in the training split", Assert.Throws<InvalidInputException>(() => EvaluateStage.Check(new EvaluateOptions(), _workspace.Ingest)).Message, StringComparison.Ordinal);

        await _workspace.IngestAsync(testers: 0, change: facts => facts["dropped"]!["interactionsOfUsersWithoutTrainingRows"] = 24);
        Assert.Contains("as 24 of users without a training row were dropped", Assert.Throws<InvalidInputException>(() => EvaluateStage.Check(new EvaluateOptions(), _workspace.Ingest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_trained_on_another_split_is_refused_and_both_are_named()
    {
        await _workspace.IngestAsync(title: "Cup");
        await _workspace.TrainAsync("old", skill: 0);
        await _workspace.IngestAsync(title: "Plate");
        await Fails("models/old made from this ingest", "was made from another");
    }

    [Fact]
    public async Task A_model_of_other_items_names_case_artifact_and_item()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("more", skill: 0, items: Workspace.Items + 1);
        await Fails("case 'more'", _workspace.Ingest, "item 'B030'");
    }

    [Fact]
    public async Task A_model_that_lacks_users_names_case_artifact_and_user()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("fewer", skill: 0, users: Workspace.Users - 3);
        await Fails("case 'fewer'", _workspace.Ingest, "3 of the 40 users", "'A037'");
    }

    [Fact]
    public async Task An_item_that_a_case_dropped_ranks_nowhere_and_counts_as_not_found()
    {
        const int Dropped = 12;
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("all", skill: 1);
        await _workspace.TrainAsync("fewer", skill: 1, without: Dropped, change: facts => facts["itemsDropped"] = 1);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [Workspace.Items - 1] });

        // Every item is within the cut-off, so that all that is missed is the dropped one; a user's test item is (3 u + 24) mod 30.
        var recalls = (await _workspace.ReadCasesAsync<PerUserRow>()).ToLookup(row => row.Case);
        Assert.All(recalls["all"], row => Assert.Equal(1, row.Recall));
        Assert.Equal(recalls["all"].Select(row => row.User), recalls["fewer"].Select(row => row.User));
        Assert.All(recalls["fewer"], row => Assert.Equal((row.User * 3 + 24) % Workspace.Items == Dropped ? 0 : 1, row.Recall));
        Assert.Contains(recalls["fewer"], row => row.Recall == 0);
        Assert.Contains("count as misses", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_lacks_other_items_than_its_manifest_says_is_refused()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("fewer", skill: 0, without: 4, change: facts => facts["itemsDropped"] = 2);
        await Fails("case 'fewer'", "1 of the 30 items", "'B004'", "it dropped 2");
    }

    [Fact]
    public async Task A_case_that_dropped_items_is_measured_at_a_cutoff_beyond_those_that_it_ranks()
    {
        const int Dropped = 12;
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("fewer", skill: 0, without: Dropped, change: facts => facts["itemsDropped"] = 1);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [Workspace.Items] });
        Assert.All((await _workspace.ReadCasesAsync<PerUserRow>()).Where(row => row.Case == "fewer"),
            row => Assert.Equal((row.User * 3 + 24) % Workspace.Items == Dropped ? 0 : 1, row.Recall));
    }

    [Fact]
    public async Task A_vector_that_holds_no_number_names_case_and_item()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("broken", skill: 0, spoil: [.. Enumerable.Repeat(float.NaN, Workspace.Items)]);
        await Fails("case 'broken'", "item 'B000'", "NaN");
    }

    [Fact]
    public async Task Vectors_of_different_lengths_are_refused()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("ragged", skill: 0, spoil: [1f, 2f]);
        await Fails("case 'ragged'", "item 'B001'", "30 values");
    }

    [Fact]
    public async Task A_folder_whose_manifest_names_no_recommender_is_no_model()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("odd", skill: 0, change: facts => facts.Remove("recommender"));
        await Fails("odd", "recommender");
    }

    private async Task Fails(params string[] parts)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => _workspace.EvaluateAsync());
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(_workspace.Comparison));
    }
}
