using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Report;
using LmmRec.Evaluate.Report.Items;
using LmmRec.Evaluate.Report.Plots;

namespace LmmRec.Evaluate.Tests;

public sealed partial class ReportTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_page_needs_nothing_from_outside_and_runs_no_script()
    {
        var page = await PageAsync("good", "poor");
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_names_no_machine()
    {
        var page = await PageAsync("good", "poor");
        Assert.DoesNotContain(Environment.MachineName, page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Path.GetTempPath(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_element_that_is_opened_is_closed()
    {
        AssertBalanced(await PageAsync("good", "poor", "third"));
    }

    [Fact]
    public async Task The_best_of_each_column_is_bold_and_cases_significantly_below_it_are_marked()
    {
        var page = await PageAsync("good", "poor");
        var metrics = (await _workspace.ReadCasesAsync<MetricRow>())
            .Where(row => row is { Split: Splits.Test, Group: "all", Metric: "ndcg", Cutoff: 10 }).ToDictionary(row => row.Case, row => row.Value);
        Assert.Contains($"<b>{metrics["good"]:F4}</b>", page, StringComparison.Ordinal);
        Assert.Contains($"{metrics["poor"]:F4}<sup class=\"mark\">*</sup><sup></sup><small>p&#160;&lt;&#160;0.0001</small>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("title=", page, StringComparison.Ordinal); // nothing that only a pointer finds
    }

    [Fact]
    public async Task The_statistics_of_the_data_are_those_of_the_tables()
    {
        var page = await PageAsync("good");
        const int Interactions = Workspace.Users * 7 - 2;
        Assert.Contains($"<dd>{Interactions}</dd>", page, StringComparison.Ordinal);
        Assert.Contains($"<dd>{100.0 * Interactions / (Workspace.Users * Workspace.Items):G3} %</dd>", page, StringComparison.Ordinal);
        Assert.Contains(
            """Users without training items<small>dropped from validation and test</small></th><td class="number">10</td>""", page, StringComparison.Ordinal);
        Assert.Contains("""Items without a text</th><td class="number">0</td>""", page, StringComparison.Ordinal);
        Assert.Contains($"""Items without a picture</th><td class="number">{Workspace.Items}</td>""", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_ingest_dropped_is_told_and_items_left_out_without_a_picture_are_no_items_of_the_catalogue()
    {
        await _workspace.IngestAsync(change: facts =>
        {
            facts["dropped"] = JsonNode.Parse("""
                { "otherEvents": 11, "belowMinRating": 12, "repeatedPairs": 13, "outsideSample": 14, "duplicateItems": 15,
                  "itemsWithoutPicture": 9, "interactionsOfItemsWithoutPicture": 70, "usersOfItemsWithoutPicture": 3 }
                """);
            facts["pictures"] = JsonNode.Parse("""{ "failed": 2, "host-away": 1, "opted-out": 4, "placeholder": 2 }""");
        });
        await _workspace.TrainAsync("good", skill: 2);
        await _workspace.EvaluateAsync();
        foreach (var part in new[]
        {
            "Interactions of other events<small>dropped: dataset.interactions.event names those that count</small></th><td class=\"number\">11</td>",
            "Interactions with a lower rating or none<small>dropped: see dataset.interactions.minRating</small></th><td class=\"number\">12</td>",
            "Further interactions of a user with the same item<small>dropped</small></th><td class=\"number\">13</td>",
            "Interactions outside the sample<small>dropped: this is a cut by ingest.sample and not the whole shop</small></th><td class=\"number\">14</td>",
            "Repeated rows of items<small>the first of an item counts</small></th><td class=\"number\">15</td>",
            "Interactions of items left out without a picture<small>with 3 users</small></th><td class=\"number\">70</td>",
            "Items left out without a picture<small>3 could not be fetched or read; 4 whose server forbids automated use; 2 have the shop&#39;s picture",
            "told by repetition</small></th><td class=\"number\">9</td>",
        })
            Assert.Contains(part, _workspace.ReportText, StringComparison.Ordinal);
        Assert.DoesNotContain("Items without a picture", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_begins_with_what_is_best_in_words_beside_the_next_and_the_most_popular_items()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("vbpr-clip-pt-vt-s999", skill: 2, change: facts => (facts["recommender"], facts["title"], facts["encoder"]) = ("vbpr", "VBPR", "clip"));
        await _workspace.TrainAsync("bpr-s999", skill: 0, change: facts => facts["title"] = "BPR");
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [2, 4] });
        var recall = (await _workspace.ReadCasesAsync<MetricRow>())
            .Where(row => row is { Split: Splits.Test, Group: "all", Metric: "recall", Cutoff: 4 }).ToDictionary(row => row.Case, row => $"{100 * row.Value:F1}&#160;%");

        Assert.Contains($"<h1>VBPR with clip finds {recall["vbpr-clip-pt-vt-s999"]} of the hidden items</h1>", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains($"The next best model, BPR, finds <strong>{recall["bpr-s999"]}</strong> (p&#160;&lt;&#160;0.0001).", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains($"which takes no model, finds <strong>{recall["most-popular"]}</strong> (p&#160;&lt;&#160;0.0001).", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_control_never_competes_for_what_wins_and_a_case_that_nobody_trained_is_called_a_baseline()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("good", skill: 0.5, change: facts => facts["title"] = "VBPR");
        await _workspace.TrainAsync("shuffled", skill: 2, change: facts => (facts["title"], facts["control"], facts["controlOf"]) = ("VBPR", "shuffled", "good"));
        _workspace.AddRankings("lists.csv", "user,item,score", "A000,B001,1");
        await _workspace.EvaluateAsync();
        var evaluation = await Evaluation.ReadAsync(new EvaluateOptions(), _workspace.DataSet, TestContext.Current.CancellationToken);
        Assert.Equal("shuffled", evaluation.Cases[0].Case.Name);
        var choices = Combination.Of(evaluation);
        Assert.Equal(["good", "lists", "most-popular"], choices.Select(choice => choice.Case.Name).Order(StringComparer.Ordinal));
        Assert.Equal("good", choices[0].Case.Name);
        Assert.Contains($"<h1>{choices[0].Title} finds ", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains("The next best, the baseline lists, finds ", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task A_page_that_was_cut_is_written_again(int left)
    {
        var page = await PageAsync("good");
        await File.WriteAllTextAsync(Path.Combine(_workspace.Report, "index.html"), page[..left], TestContext.Current.CancellationToken);
        Assert.Equal(["report"], await _workspace.EvaluateAsync());
        Assert.Equal(page, _workspace.ReportText);
    }

    [Fact]
    public async Task A_step_that_kept_others_from_running_is_told_with_its_message_though_the_report_is_not_made_of_it()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("good", skill: 1);
        await _workspace.TrainAsync("tuned", skill: 1);
        await _workspace.TrainAsync("tuned-too", skill: 1);
        Directory.Delete(_workspace.ModelOf("tuned"), recursive: true);
        Directory.Delete(_workspace.ModelOf("tuned-too"), recursive: true);
        await _workspace.RunAsync("evaluate/most-popular", "evaluate/good", "compare");
        _workspace.Fail("encoders/clip-ft", new FailedStep("tune/clip", "input", "lastBlocks is 50"));
        _workspace.Fail("encoders/other-ft", new FailedStep("tune/other", "input", "of no concern here"));
        foreach (var name in new[] { "tuned", "tuned-too" })
            _workspace.Fail($"models/{name}", new FailedStep($"train/{name}", FailedStep.NotRun, FailedStep.Since("tune/clip")));
        await _workspace.RunAsync("report");
        Assert.Contains("<th scope=\"row\">tune/clip</th><td>input</td><td>lastBlocks is 50<small>2 others were not run for it: train/tuned, train/tuned-too</small>", _workspace.ReportText.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.DoesNotContain("of no concern here", _workspace.ReportText, StringComparison.Ordinal);
        Assert.DoesNotContain("not-run", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cutoff_within_which_everything_is_found_is_warned_of_and_makes_no_headline()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("good", skill: 2);
        await _workspace.EvaluateAsync(new EvaluateOptions { Cutoffs = [3, Workspace.Items - 5] }); // all that a user could still get
        Assert.Equal(["warning: Recall@25 is 1 for every user"], _workspace.Notes.Where(note => note.StartsWith("warning", StringComparison.Ordinal)).Select(note => note[..38]));
        Assert.Contains("are among the first\n3 recommendations", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metrics_are_explained_before_the_table_of_results()
    {
        var page = await PageAsync("good");
        var explained = page.IndexOf("<dt>Recall@", StringComparison.Ordinal);
        Assert.InRange(explained, 0, page.IndexOf("<table class=\"results\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cases_stand_best_first_in_the_table()
    {
        var page = await PageAsync("a-poor", "b-good", "c-poor");
        var best = (await EvaluationSummary.ReadAsync(_workspace.DataSet, TestContext.Current.CancellationToken))!.Rows.Select(row => row.Case).ToList();
        Assert.Equal(best, best.OrderBy(name => page.IndexOf($"<small>{name} ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("VBPR with clip", "VBPR with vlmo", "clip vt 1", "vlmo vt 1")]
    [InlineData("VBPR with clip, visual only", "VBPR with clip, visual and textual", "clip v 1", "clip vt 1")]
    [InlineData("VBPR with clip, seed 1", "VBPR with clip, seed 2", "clip vt 1", "clip vt 2")]
    [InlineData("VBPR with clip (first)", "VBPR with clip (second)", "clip vt 1", "clip vt 1")]
    public async Task A_title_says_what_tells_the_cases_apart(string firstTitle, string secondTitle, string first, string second)
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("first", skill: 1, change: facts => Describe(facts, first.Split(' ')));
        await _workspace.TrainAsync("second", skill: 0, change: facts => Describe(facts, second.Split(' ')));
        await _workspace.EvaluateAsync();
        Assert.Contains($"""<th scope="row">{firstTitle}<small>first """, _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains($"""<th scope="row">{secondTitle}<small>second """, _workspace.ReportText, StringComparison.Ordinal);

        static void Describe(JsonObject facts, string[] parts) =>
            (facts["title"], facts["encoder"], facts["modalities"], facts["seed"]) = ("VBPR", parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Without_a_comparison_there_are_no_tests_and_the_page_says_so()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0);
        await _workspace.TrainAsync("b", skill: 1);
        await _workspace.EvaluateAsync(new EvaluateOptions { Compare = Comparison.None });
        Assert.Contains("No comparison was asked for", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Empty(await _workspace.ReadTestsAsync());
    }

    [Fact]
    public async Task Names_cannot_put_markup_into_the_page()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("a", skill: 0, change: facts => facts["recommender"] = "<img src=x onerror=\"alert('1')\">");
        await _workspace.EvaluateAsync();
        Assert.DoesNotContain("<img", _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x", _workspace.ReportText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Titles_of_items_and_cases_cannot_put_markup_into_the_page()
    {
        const string Title = "</td><script>alert('1')</script> \"quoted\" & more";
        await _workspace.IngestAsync(title: Title);
        await _workspace.FeaturizeAsync("clip", visual: 8, textual: 6);
        await _workspace.TrainAsync("a", skill: 2, change: facts => facts["title"] = Title);
        await _workspace.TrainAsync("b", skill: 0, change: facts => facts["title"] = Title);
        await _workspace.EvaluateAsync();
        Assert.DoesNotContain("<script", _workspace.ReportText, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"quoted\"", _workspace.ReportText, StringComparison.Ordinal); // which would end an attribute
        Assert.Contains(Html.Of($"""<th scope="row">{Title} (a)<small>""").Text, _workspace.ReportText, StringComparison.Ordinal);
        Assert.Contains("&lt;script", _workspace.ReportText.Split("Nearest items</h2>")[1], StringComparison.Ordinal);
        AssertBalanced(_workspace.ReportText);
    }

    [Fact]
    public async Task Trainings_that_were_stopped_and_steps_that_failed_are_told_in_page_and_markdown()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("kept", skill: 1, change: facts => facts["stopped"] = "epoch 3: the loss is not finite; the model of epoch 2 was kept");
        await _workspace.TrainAsync("lost", skill: 1);
        await _workspace.TuneAsync("clip-ft", stopped: "epoch 2: the held-out loss rose; the encoder of epoch 1 was kept");
        await _workspace.TuneAsync("vlmo-ft", stopped: "of an attempt before");
        await _workspace.EvaluateAsync();
        await _workspace.FailAsync("train/lost", _workspace.ModelOf("lost"), "the disk is full");
        await _workspace.FailAsync("tune/vlmo", _workspace.Upstream["encoders/vlmo-ft"], "1 item has a picture and a text");
        _workspace.Fail("evaluation/lost", new FailedStep("evaluate/lost", FailedStep.NotRun, FailedStep.Since("train/lost")));
        await _workspace.RunAsync("report");
        foreach (var (step, message) in new[] { ("train/kept", "the model of epoch 2 was kept"), ("tune/clip-ft", "the encoder of epoch 1 was kept"), ("train/lost", "the disk is full(; |<small>)1 other was not run for it: evaluate/lost(</small>)?"), ("tune/vlmo", "1 item has a picture and a text") })
        {
            Assert.Matches($"""<th scope="row">{step}</th>(<td>input</td>)?<td>[^<]*{message}</td>""", _workspace.ReportText);
            Assert.Matches($"(?m)^{step}( \\(input\\))?: .*{message}$", _workspace.ReportFile("report.md"));
        }
        Assert.DoesNotContain("of an attempt before", _workspace.ReportText + _workspace.ReportFile("report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_give_the_same_page_but_for_what_the_steps_cost()
    {
        var first = await RunAsync(seconds: 2);
        _workspace.ForgetEvaluation();
        var second = await RunAsync(seconds: 3);
        Assert.NotEqual(first, second);
        Assert.Equal(Cost().Replace(first, ""), Cost().Replace(second, ""));

        async Task<string> RunAsync(int seconds)
        {
            var page = await PageAsync("good", "poor");
            await File.WriteAllTextAsync(Path.Combine(_workspace.ModelOf("good"), Manifest.TimingsFileName), $$"""{ "seconds": {{seconds}}, "peakMegabytes": {{100 * seconds}} }""", TestContext.Current.CancellationToken);
            File.Delete(Path.Combine(_workspace.Report, Manifest.PageFileName));
            await _workspace.RunAsync("report");
            Assert.NotEqual(page, _workspace.ReportText);
            return _workspace.ReportText;
        }
    }

    [Fact]
    public async Task The_page_of_a_study_leaves_room_for_its_pictures_in_five_megabytes_as_it_shows_pairs_and_drawings_of_the_best_alone()
    {
        const int Cases = 150, Settings = 80; // as many as the paper's study, and settings as in its largest grid
        var settings = new JsonArray([.. Enumerable.Range(0, Settings).Select(i => (JsonNode)new JsonObject { ["learningRate"] = 1e-4 * i, ["reg"] = 1e-5, ["layers"] = 2, ["temperature"] = 0.1 * i, ["dimension"] = 64 })]);
        using var study = new Workspace { TrainRecipe = new() { ["recommender"] = "slmrec", ["settings"] = settings } };
        var page = await PageAsync(study, [.. Enumerable.Range(0, Cases).Select(i => $"slmrec-vlmo-base-plus-ft-vt-s{i:D3}")]);
        Assert.InRange(Encoding.UTF8.GetByteCount(page), 0, 2 << 20); // pictures take 2 MiB of bytes, which are a third more in letters
        Assert.InRange(page.Split("<tr>").Length, 200, 1000); // 151 cases have 11,325 pairs
        Assert.InRange(page.Split("<text").Length, 50, 500);
    }

    [Fact]
    public void Twenty_thousand_users_who_all_differ_take_no_more_room_in_a_drawing_than_can_be_seen()
    {
        var drawing = DifferencePlot.Of("Recall@20", [new UserDifferences("a", "b", [.. Enumerable.Range(0, 20_000).Select(user => Math.Sin(user))])]);
        Assert.InRange(drawing.Text.Length, 1_000, 20_000);
    }

    [Fact]
    public async Task The_small_pictures_of_a_page_share_two_megabytes_however_many_there_are()
    {
        using var pictured = new Workspace { HasPictures = true };
        await pictured.IngestAsync();
        var items = new List<CatalogueItem>();
        await foreach (var item in CatalogueItem.ReadAsync(pictured.Ingest, TestContext.Current.CancellationToken))
            if (item.Picture is not null) items.Add(item);
        var all = await Thumbnails.ReadAsync(pictured.Ingest, items, most: 2 << 20, "p", TestContext.Current.CancellationToken);
        var few = await Thumbnails.ReadAsync(pictured.Ingest, items, most: 10_000, "p", TestContext.Current.CancellationToken);
        Assert.All(items, item => Assert.True(all.Has(item.Item)));
        Assert.True(few.Has(items[0].Item));
        Assert.False(few.Has(items[^1].Item));
        Assert.InRange(few.Definitions.Text.Length, 1_000, 10_000 * 4 / 3 + 200 * items.Count);
    }

    [Fact]
    public async Task With_many_cases_the_plots_show_the_best_and_say_so_while_the_table_has_all()
    {
        var names = Enumerable.Range(0, 25).Select(i => $"case-{i:D2}").ToArray();
        var page = await PageAsync(names);
        Assert.All(names, name => Assert.Contains($"<small>{name} ", page, StringComparison.Ordinal));
        Assert.Contains("the 20 best of 26 cases", page, StringComparison.Ordinal);
        Assert.Contains("the 5 best of 26 cases", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_training_is_drawn_by_the_chosen_settings_epochs_with_a_dot_on_the_one_that_was_taken()
    {
        await _workspace.IngestAsync();
        await _workspace.TrainAsync("learned", skill: 2, change: facts => (facts["bestEpoch"], facts["chosenBy"]) = (1, "recall@20"), history:
            [.. Measured("reg=0.1", "recall@20", 0.1, 0.3, 0.2), .. Measured("reg=0.1", "loss", 8, 4, 2), .. Measured("reg=1", "recall@20", 0.1, 0.1), .. Measured("reg=1", "loss", 9, 9)]);
        await _workspace.EvaluateAsync();
        var figures = LearningCurves().Split("<figure")[1..];
        Assert.Equal(["Validation by epoch", "Loss by epoch"], figures.Select(figure => figure.Split("aria-label=\"")[1].Split('"')[0]));
        Assert.All(figures, figure => Assert.Equal(3, Curve().Matches(figure).Single().Groups[1].Value.Split('L').Length));
        Assert.Equal([1, 0], figures.Select(figure => figure.Split("<circle").Length - 1));
        Assert.Contains("the validation split that chose the epoch, recall@20; the dot", figures[0], StringComparison.Ordinal);

        static IEnumerable<HistoryRow> Measured(string setting, string name, params double[] values) => values.Select((value, epoch) => new HistoryRow(setting, epoch, name, value, Decides: name != "loss"));
    }

    [Fact]
    public async Task Of_trainings_whose_epochs_are_not_here_the_page_says_so_and_where_nothing_was_trained_it_has_no_such_part()
    {
        await PageAsync("good");
        Assert.Contains("No curves: the models, which hold what was measured epoch by epoch, are not in this workspace.", LearningCurves(), StringComparison.Ordinal);
        using var untrained = new Workspace();
        Assert.DoesNotContain("Learning curves", await PageAsync(untrained), StringComparison.Ordinal);
    }

    private string LearningCurves() => _workspace.ReportText.Split("Learning curves</h2>")[1].Split("</section>")[0];

    [GeneratedRegex("""<path class="curve" d="M([^"H]*)"/>""")]
    private static partial Regex Curve();

    [GeneratedRegex("""<(?<close>/?)(?<name>[a-z][a-z0-9]*)(\s[^<>]*)?>""")]
    private static partial Regex Tag();

    [GeneratedRegex("""<td class="number cost">[^<]*</td>""")]
    private static partial Regex Cost();

    private static void AssertBalanced(string page)
    {
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(page))
        {
            if (tag.Value.EndsWith("/>", StringComparison.Ordinal) || tag.Groups["name"].Value is "meta") continue;
            if (tag.Groups["close"].Length == 0) open.Push(tag.Groups["name"].Value);
            else Assert.Equal(tag.Groups["name"].Value, open.Pop());
        }
        Assert.Empty(open);
    }

    // The first case is the best.
    private Task<string> PageAsync(params string[] cases) => PageAsync(_workspace, cases);

    private static async Task<string> PageAsync(Workspace workspace, params string[] cases)
    {
        await workspace.IngestAsync();
        foreach (var (i, name) in cases.Index()) await workspace.TrainAsync(name, skill: i == 0 ? 2 : 0.01 * i);
        await workspace.EvaluateAsync();
        return workspace.ReportText;
    }
}
