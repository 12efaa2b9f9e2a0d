using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Interactions;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Ingest.Tests;

public sealed class SampleIngestTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_sample_shop_becomes_tables_with_a_five_core_and_a_split_per_user()
    {
        var folder = _workspace.In("ingest");
        Assert.Null((await Stage.SampleAsync(folder)).TooManyFailed);

        var users = await TableFile.ReadAsync<UserRow>(TableFile.PathOf<UserRow>(folder), Cancellation);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(folder), Cancellation);
        var rows = await TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(folder), Cancellation);
        Assert.InRange(users.Count, 560, 599);
        Assert.InRange(items.Count, 280, 299);
        Assert.All(rows, r => Assert.Equal((r.UserId, r.ItemId), (users[r.User].UserId, items[r.Item].ItemId)));
        Assert.All(rows.CountBy(r => r.User), u => Assert.True(u.Value >= 5));
        Assert.All(rows.CountBy(r => r.Item), i => Assert.True(i.Value >= 5));
        Assert.Equal(users.Count, rows.Where(r => r.Split == Splits.Validation).Select(r => r.User).Distinct().Count());
        Assert.Equal(users.Count, rows.Where(r => r.Split == Splits.Test).Select(r => r.User).Distinct().Count());
        Assert.All(rows, r => Assert.Equal(TimeSpan.Zero, r.Time!.Value.TimeOfDay));

        // What users and items were numbered by: their first appearance.
        Assert.Equal(items.Select(i => i.ItemId), rows.Select(r => r.ItemId).Distinct());
        Assert.Equal(users.Select(u => u.UserId), rows.Select(r => r.UserId).Distinct());
        var facts = Stage.Manifest(folder).Facts;
        Assert.Equal(5, (int)facts["dropped"]!["duplicates"]!);
        Assert.Equal(600, users.Count + (int)facts["dropped"]!["coreUsers"]!);
    }

    [Fact]
    public async Task Titles_brands_and_descriptions_arrive_as_the_shop_gave_them_and_the_text_without_entities()
    {
        var folder = _workspace.In("ingest");
        await Stage.SampleAsync(folder);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(folder), Cancellation);

        Assert.Contains(items, i => i.Title is not null && i.Title.Contains("children's", StringComparison.Ordinal));
        Assert.Contains(items, i => i.Brand == "Little \"Big\" Shop");
        Assert.Contains(items, i => i.Brand == "Café Lumière");
        Assert.Contains(items, i => i.Description is not null && i.Description.Contains("\n\n\"Don't iron the print\" – the", StringComparison.Ordinal));
        Assert.Contains(items, i => i.Description is not null && i.Description.Contains("&lt; 500 g", StringComparison.Ordinal));
        Assert.Contains(items, i => i.Title is null && i.Text.StartsWith("  ", StringComparison.Ordinal));
        Assert.Contains(items, i => i.Brand is null);
        Assert.Contains(items, i => i.Description is null);
        Assert.All(items, i => Assert.DoesNotContain('\n', i.Text));
        Assert.All(items, i => Assert.Equal(3, i.Categories.Length));
        Assert.All(items.Where(i => i.Title is not null && i.Brand is not null && i.Description is not null), i =>
            Assert.Equal(System.Net.WebUtility.HtmlDecode($"{i.Title} {i.Brand} {string.Join(' ', i.Categories)} {i.Description}".Replace('\n', ' ')), i.Text));
    }

    [Fact]
    public async Task Pictures_come_in_item_order_and_those_that_fail_are_rows_with_the_reason()
    {
        var folder = _workspace.In("ingest");
        await Stage.SampleAsync(folder);
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(folder), Cancellation);
        var failures = await TableFile.ReadAsync<FailureRow>(TableFile.PathOf<FailureRow>(folder), Cancellation);
        var images = new List<ImageRow>();
        await foreach (var image in TableFile.StreamFolderAsync<ImageRow>(folder, cancellation: Cancellation)) images.Add(image);

        Assert.Equal(images.Select(i => i.Item).Order(), images.Select(i => i.Item));
        Assert.All(images, i => Assert.Equal((items[i.Item].ItemId, items[i.Item].ImageUrl), (i.ItemId, i.Url)));
        Assert.All(images, i => Assert.Equal(Hashing.OfBytes(i.Bytes), i.Sha256));
        Assert.All(images, i => Assert.InRange(i.Width, 96, 160));
        Assert.Equal(4, failures.Count);
        Assert.Equal(3, failures.Count(f => f.Reason == "HTTP 404"));
        Assert.Equal(1, failures.Count(f => f.Reason.StartsWith("is a web page, not the file", StringComparison.Ordinal)));
        Assert.All(failures, f => Assert.Equal("picture", f.Kind));
        Assert.Equal(items.Where(i => i.ImageUrl is not null).Select(i => i.ItemId), images.Select(i => i.ItemId).Concat(failures.Select(f => f.Id)).OrderBy(id => items.FindIndex(i => i.ItemId == id)));

        // 5 pictures are busy once and 3 twice; all of them came in the end.
        var timings = File.ReadAllText(Path.Combine(folder, Artifacts.Store.Manifest.TimingsFileName));
        Assert.Contains("\"retries\": 11", timings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_whatever_the_number_of_downloads_at_a_time()
    {
        await Stage.SampleAsync(_workspace.In("few"), new IngestOptions { Images = new ImageOptions { Concurrency = 2 } });
        await Stage.SampleAsync(_workspace.In("many"), new IngestOptions { Images = new ImageOptions { Concurrency = 64 } });
        var few = Stage.Manifest(_workspace.In("few"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_workspace.In("few"), "images-00000.parquet")), File.ReadAllBytes(Path.Combine(_workspace.In("many"), "images-00000.parquet")));
        Assert.Equal(few.Content, Stage.Manifest(_workspace.In("many")).Content);
        Assert.Equal(few.Fingerprint, Stage.Manifest(_workspace.In("many")).Fingerprint);
    }

    [Fact]
    public async Task Items_whose_picture_could_not_be_had_are_left_out_before_the_split_and_counted()
    {
        await Stage.SampleAsync(_workspace.In("all"));
        await Stage.SampleAsync(_workspace.In("shown"), new IngestOptions { DropMissingImages = true });
        var shown = (await PicturesAsync("all")).Where(p => p.ShowsItem).Select(p => p.ItemId).ToHashSet();
        var before = (await InteractionsAsync("all")).Where(r => shown.Contains(r.ItemId)).ToList();
        var after = await InteractionsAsync("shown");
        var items = await TableFile.ReadAsync<ItemRow>(TableFile.PathOf<ItemRow>(_workspace.In("shown")), Cancellation);

        Assert.Equal(before.Select(r => (r.UserId, r.ItemId, r.Time)), after.Select(r => (r.UserId, r.ItemId, r.Time)));
        Assert.Equal(after.Select(r => r.ItemId).Distinct(), items.Select(i => i.ItemId));
        Assert.Equal(Enumerable.Range(0, shown.Count), items.Select(i => i.Item));
        Assert.All(after, r => Assert.Equal(items[r.Item].ItemId, r.ItemId));
        Assert.Equal(items.Select(i => i.ItemId), (await PicturesAsync("shown")).Select(p => p.ItemId));
        Assert.All(await PicturesAsync("shown"), p => Assert.True(p.ShowsItem));
        foreach (var user in after.GroupBy(r => r.User)) // split afterwards: the rule holds for what is left
            Assert.Equal(Split.Counts(user.Count()).Test, user.Count(r => r.Split == Splits.Test));

        var (facts, whole) = (Stage.Manifest(_workspace.In("shown")).Facts, Stage.Manifest(_workspace.In("all")).Facts);
        Assert.Equal((int)whole["items"]! - shown.Count, (int)facts["dropped"]!["itemsWithoutPicture"]!);
        Assert.Equal((int)whole["users"]! - (int)facts["users"]!, (int)facts["dropped"]!["usersOfItemsWithoutPicture"]!);
        Assert.Equal(whole["failedShares"]!.ToJsonString(), facts["failedShares"]!.ToJsonString());
        Assert.Equal(whole["pictures"]!.ToJsonString(), facts["pictures"]!.ToJsonString());
    }

    [Fact]
    public async Task A_small_cut_has_the_most_met_items_and_holds_together()
    {
        await Stage.SampleAsync(_workspace.In("all"));
        await Stage.SampleAsync(_workspace.In("cut"), new IngestOptions { Sample = 60 });
        var rows = await InteractionsAsync("cut");
        Assert.All(rows.CountBy(r => r.User), u => Assert.True(u.Value >= 5));
        Assert.All(rows.CountBy(r => r.Item), i => Assert.True(i.Value >= 5));
        var most = (await InteractionsAsync("all")).CountBy(r => r.ItemId).OrderByDescending(i => i.Value).Take(60).Select(i => i.Key).ToHashSet();
        Assert.InRange(rows.Select(r => r.ItemId).Distinct().Count(), 50, 60);
        Assert.All(rows, r => Assert.Contains(r.ItemId, most));
        Assert.Equal(60, (int)Stage.Manifest(_workspace.In("cut")).Recipe.Options["sample"]!);
    }

    [Fact]
    public async Task A_plan_counts_what_a_run_would_read_and_fetch_and_leaves_nothing()
    {
        await Stage.SampleAsync(_workspace.In("ingest"), new IngestOptions { Sample = 60 });
        var plan = await IngestStage.PlanAsync(
            new DatasetOptions(), new IngestOptions { Sample = 60 }, null, _workspace.In("plan"), [], Stage.Shop, AskAgain.Nothing, new Quiet(), TimeProvider.System, Cancellation);
        var pictures = await PicturesAsync("ingest");
        Assert.Equal((await InteractionsAsync("ingest")).Count, plan.Interactions);
        Assert.Equal(((int)Stage.Manifest(_workspace.In("ingest")).Facts["users"]!, pictures.Count), (plan.Users, plan.Items));
        Assert.Equal([KeyValuePair.Create("shop.test", pictures.Count(p => p.Url is not null))], plan.Hosts);
        Assert.Equal((0, pictures.Count(p => p.Url is null), 0.0), (plan.Files, plan.WithoutAddress, plan.Minutes(1200)));
        Assert.Equal(1.0, (plan with { RequestsPerSecond = 20 }).Minutes(1200));
        Assert.False(Directory.Exists(_workspace.In("plan")));

        var next = await IngestStage.PlanAsync( // beside a finished run
            new DatasetOptions(), new IngestOptions { Sample = 60 }, null, _workspace.In("ingest"), [], Stage.Shop, AskAgain.Nothing, new Quiet(), TimeProvider.System, Cancellation);
        Assert.Equal(pictures.Count(p => p.Status == PictureStatus.Failed), next.Hosts.Sum(h => h.Value));
        var refresh = await IngestStage.PlanAsync(
            new DatasetOptions(), new IngestOptions { Sample = 60 }, null, _workspace.In("ingest"), [], Stage.Shop, AskAgain.Everything, new Quiet(), TimeProvider.System, Cancellation);
        Assert.Equal(plan.Hosts, refresh.Hosts);
    }

    [Fact]
    public async Task Too_many_failures_are_told_with_their_number_and_the_first()
    {
        var outcome = await Stage.SampleAsync(_workspace.In("ingest"), new IngestOptions { MaxFailedShare = 0.01 });
        Assert.Contains("4 of 29", outcome.TooManyFailed, StringComparison.Ordinal);
        Assert.Contains("pictures failed, the first: B", outcome.TooManyFailed, StringComparison.Ordinal);
        Assert.Contains("causes: HTTP 404 3, is a web page, not the file 1; hosts: shop.test 4", outcome.TooManyFailed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_allowed_share_of_failures_is_judged_without_fetching_anew()
    {
        Assert.True((await Stage.SampleAsync(_workspace.In("ingest"))).Ran);
        var outcome = await Stage.SampleAsync(_workspace.In("ingest"), new IngestOptions { MaxFailedShare = 0.01 });
        Assert.False(outcome.Ran);
        Assert.Contains("pictures failed", outcome.TooManyFailed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_in_the_middle_of_the_pictures_leaves_no_artifact()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pictures = 0;
        var progress = new Quiet(what =>
        {
            if (what == "pictures" && ++pictures == 20) stop.Cancel();
        });
        var step = IngestStage.Steps(new DatasetOptions(), new IngestOptions(), null, _workspace.In("ingest"), [], Stage.Shop).Single();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new StepRunner(progress, TimeProvider.System, threads: 2, device: "cpu").RunAsync(step, stop.Token));
        Assert.Equal([_workspace.In("ingest~unfinished")], Directory.EnumerateFileSystemEntries(_workspace.Path));

        var state = await StepState.OfAsync(step, "cpu", Cancellation);
        Assert.Matches("^goes on after [0-9]+ pictures$", Assert.Single(state.Reasons));
        var whole = IngestStage.Steps(new DatasetOptions(), new IngestOptions(), null, _workspace.In("whole"), [], Stage.Shop).Single();
        foreach (var run in new[] { step, whole }) await new StepRunner(new Quiet(), TimeProvider.System, threads: 2, device: "cpu").RunAsync(run, Cancellation);
        Assert.Equal(Stage.Manifest(_workspace.In("whole")).Content, Stage.Manifest(_workspace.In("ingest")).Content);
        Assert.False(Directory.Exists(_workspace.In("ingest~unfinished")));
    }

    [Fact]
    public async Task Failed_pictures_are_asked_for_again_by_command_and_all_by_command_or_by_age()
    {
        var clock = new FakeTimeProvider();
        var folder = _workspace.In("ingest");
        await Run(AskAgain.Nothing);
        Assert.Null((await State(AskAgain.Nothing)).Reasons.SingleOrDefault());
        Assert.Equal("--retry-failed: 4 pictures are asked for again", (await State(AskAgain.Failed)).Reasons.Single());
        Assert.Matches("^--refresh: 29[0-9] pictures are asked for again$", (await State(AskAgain.Everything)).Reasons.Single());
        var content = Stage.Manifest(folder).Content;
        await Run(AskAgain.Failed);
        Assert.Equal(content, Stage.Manifest(folder).Content);

        clock.Advance(TimeSpan.FromHours(25)); // since all were asked for: a retry is no refresh
        Assert.Matches("were asked for more than 24 hours ago$", (await State(AskAgain.Nothing)).Reasons.Single());
        Assert.Equal("--retry-failed: 4 pictures are asked for again", (await State(AskAgain.Failed)).Reasons.Single()); // what the command says goes first
        var notes = File.ReadAllLines(Path.Combine(folder, Artifacts.Store.Manifest.FetchesFileName));
        await Run(AskAgain.Failed);
        Assert.Equal(4, File.ReadAllLines(Path.Combine(folder, Artifacts.Store.Manifest.FetchesFileName)).Except(notes).Count());
        Assert.Matches("were asked for more than 24 hours ago$", (await State(AskAgain.Nothing)).Reasons.Single());
        await Run(AskAgain.Nothing);
        Assert.Empty((await State(AskAgain.Nothing)).Reasons);

        Step With(AskAgain again) => IngestStage.Steps(new DatasetOptions(), new IngestOptions { RefreshHours = 24 }, null, folder, [], Stage.Shop, again, clock).Single();
        Task<StepState> State(AskAgain again) => StepState.OfAsync(With(again), "cpu", Cancellation);
        Task<StepOutcome> Run(AskAgain again) => new StepRunner(new Quiet(), TimeProvider.System, threads: 2, device: "cpu").RunAsync(With(again), Cancellation);
    }

    [Fact]
    public void A_given_split_is_refused_for_a_shop_that_has_none()
    {
        var options = new IngestOptions { Split = new SplitOptions { Kind = SplitKind.Given } };
        var error = Assert.Throws<ConfigurationException>(() => IngestStage.Steps(new DatasetOptions(), options, null, _workspace.In("ingest"), [], Stage.Shop));
        Assert.StartsWith("ingest.split.kind: \"given\"", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("allowed here: \"random\", \"leave-one-out\", \"user-time\", \"global-time\"", error.Message, StringComparison.Ordinal);
    }

    private Task<List<InteractionRow>> InteractionsAsync(string folder) =>
        TableFile.ReadAsync<InteractionRow>(TableFile.PathOf<InteractionRow>(_workspace.In(folder)), Cancellation);

    private Task<List<PictureRow>> PicturesAsync(string folder) => TableFile.ReadAsync<PictureRow>(TableFile.PathOf<PictureRow>(_workspace.In(folder)), Cancellation);
}
