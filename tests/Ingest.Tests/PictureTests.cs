using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Pictures;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Ingest.Tests;

public sealed class PictureTests : IDisposable
{
    private static readonly byte[] Red = Png(12), Blue = Png(13);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Artifact => _folder.In("ingest");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_picture_that_can_be_had_is_taken_whether_it_is_an_address_or_a_file()
    {
        await using var server = await ServeAsync(path => path == "/here.png" ? Red : null);
        File.WriteAllBytes(_folder.In("mug.png"), Red);
        var rows = await GetAsync(server, [
            ["http://shop.test/gone.png", _folder.In("gone.png"), "http://shop.test/here.png"],
            [_folder.In("mug.png"), "http://shop.test/here.png"],
            ["http://shop.test/gone.png", _folder.In("gone.png")],
            [_folder.File("text.png", "no picture")],
            []]);

        Assert.Equal(["http://shop.test/here.png", "mug.png", "gone.png", "text.png", null], rows.Select(r => r.Url));
        Assert.Equal(["ok", "ok", "failed", "failed", "none"], rows.Select(r => r.Status));
        Assert.Equal([200, null, null, null, null], rows.Select(r => r.HttpStatus));
        Assert.Equal(["there is no such file", "is no JPEG, PNG, WebP or GIF file (by its first bytes)"], rows[2..4].Select(r => r.Reason));
        Assert.Equal(1, _asked["/here.png"]); // the second item had a file
    }

    [Fact]
    public async Task A_file_larger_than_allowed_is_not_read_and_a_page_is_no_picture()
    {
        await using var server = await ServeAsync(_ => "<!DOCTYPE html><p>log in"u8.ToArray());
        File.WriteAllBytes(_folder.In("large.png"), new byte[5000]);
        var rows = await GetAsync(server, [[_folder.In("large.png")], ["http://shop.test/1.jpg"]], new ImageOptions { MaxBytes = 4096 });
        Assert.Equal("is larger than 4096 bytes", rows[0].Reason);
        Assert.StartsWith("is a web page, not the file", rows[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_pictures_are_stored_once_and_one_that_most_items_have_is_no_picture_of_theirs()
    {
        await using var server = await ServeAsync(path => int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture) switch { < 30 => Red, < 32 => Blue, var i => Png(i) });
        var rows = await GetAsync(server, [.. Enumerable.Range(0, 40).Select(i => new[] { $"http://shop.test/{i}" })]);
        Assert.All(rows[..30], r => Assert.Equal(("placeholder", 0), (r.Status, r.Image)));
        Assert.StartsWith("30 of 40 items have this picture", rows[0].Reason, StringComparison.Ordinal);
        Assert.All(rows[30..], r => Assert.True(r.ShowsItem));
        Assert.Equal([1, 1, 2, 3], rows[30..34].Select(r => r.Image));

        var images = await ImagesAsync();
        Assert.Equal([0, 30, 32, 33], images[..4].Select(i => i.Item));
        Assert.Equal(Blue, images[1].Bytes);
        Assert.All(rows, r => Assert.Equal(images[r.Image!.Value].Sha256, r.Sha256));
    }

    [Fact]
    public async Task What_a_killed_run_got_is_not_fetched_again()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var answered = 0;
        await using var server = await ServeAsync(path =>
        {
            if (Interlocked.Increment(ref answered) == 30) stop.Cancel();
            return path == "/7" ? null : Png(12 + int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture));
        });
        string[][] wishes = [.. Enumerable.Range(0, 60).Select(i => new[] { $"http://shop.test/{i}" })];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(server, wishes, cancellation: stop.Token));
        var got = Journal.CountOf(ArtifactWriter.UnfinishedOf(Artifact, Recipe.Fingerprint), "pictures");
        Assert.InRange(got, 1, 59);
        Assert.Equal($"goes on after {got} pictures", PictureCollection.GoesOn(ArtifactWriter.UnfinishedOf(Artifact, Recipe.Fingerprint)));
        var before = _asked.Values.Sum();

        var rows = await GetAsync(server, wishes);
        Assert.Equal(60 - got, _asked.Values.Sum() - before);
        Assert.Equal("/7 failed", $"/{Assert.Single(rows, r => r.Status != "ok").Item} failed");
        Assert.Equal(59, (await ImagesAsync()).Count);
    }

    [Fact]
    public async Task A_journal_whose_end_the_disk_lost_costs_only_what_it_lost()
    {
        await using var server = await ServeAsync(path => path == "/2" ? throw new OperationCanceledException() : path == "/0" ? Red : Blue);
        var unfinished = ArtifactWriter.UnfinishedOf(Artifact, Recipe.Fingerprint);
        using (var journal = new Journal<PictureEntry>(unfinished, "pictures"))
        {
            var note = new FetchNote("A0", "http://shop.test/0", 1, _clock.GetUtcNow(), 0, null, null);
            journal.Append(new PictureEntry("A0", note.Url, "ok", 200, null, new PictureFile(Red.Length, Hashing.OfBytes(Red), 12, 20), null, note), Red);
            journal.Append(new PictureEntry("A1", "http://shop.test/1", "ok", 200, null, new PictureFile(Blue.Length, Hashing.OfBytes(Blue), 13, 20), null, note with { ItemId = "A1" }), new byte[Blue.Length]);
        }
        var rows = await GetAsync(server, [["http://shop.test/0"], ["http://shop.test/1"]]);
        Assert.Equal(["/1"], _asked.Keys);
        Assert.Equal(["ok", "ok"], rows.Select(r => r.Status));
        Assert.Equal([Red, Blue], (await ImagesAsync()).Select(i => i.Bytes));
    }

    [Fact]
    public async Task The_next_run_asks_only_for_what_failed_or_is_new()
    {
        var shop = new ConcurrentDictionary<string, byte[]> { ["/0"] = Red, ["/1"] = Blue };
        await using var server = await ServeAsync(path => shop.GetValueOrDefault(path));
        await GetAsync(server, [["http://shop.test/0"], ["http://shop.test/1"], ["http://shop.test/2"]]);
        _asked.Clear();
        shop["/2"] = Png(40);
        shop["/0"] = Png(50);
        var rows = await GetAsync(server, [["http://shop.test/0"], ["http://shop.test/1"], ["http://shop.test/2"], ["http://shop.test/3"]]);
        Assert.Equal(["/2", "/3"], _asked.Keys.Order());
        Assert.Equal(["ok", "ok", "ok", "failed"], rows.Select(r => r.Status));
        Assert.Equal([Red, Blue, Png(40)], (await ImagesAsync()).Select(i => i.Bytes));
    }

    [Fact]
    public async Task A_refresh_gets_what_changed_keeps_what_is_unchanged_and_for_a_while_what_is_gone()
    {
        var shop = new ConcurrentDictionary<string, byte[]> { ["/0"] = Red, ["/1"] = Blue, ["/2"] = Png(40) };
        await using var server = await ServeAsync(path => shop.GetValueOrDefault(path));
        string[][] wishes = [["http://shop.test/0"], ["http://shop.test/1"], ["http://shop.test/2"]];
        await GetAsync(server, wishes);
        shop["/1"] = Png(50);
        shop.Remove("/2", out _);
        _clock.Advance(TimeSpan.FromDays(1));
        var rows = await GetAsync(server, wishes, asks: AskAgain.Everything);
        Assert.Equal(["ok", "ok", "kept"], rows.Select(r => r.Status));
        Assert.Equal("HTTP 404", rows[2].Reason);
        Assert.Equal([Red, Png(50), Png(40)], (await ImagesAsync()).Select(i => i.Bytes));
        Assert.Equal(1, _unchanged); // only the first was not sent again

        _clock.Advance(TimeSpan.FromDays(89));
        Assert.Equal(["ok", "ok", "kept"], (await GetAsync(server, wishes, asks: AskAgain.Everything)).Select(r => r.Status));
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["ok", "ok", "failed"], (await GetAsync(server, wishes, asks: AskAgain.Everything)).Select(r => r.Status));
        Assert.Equal(2, (await ImagesAsync()).Count);
    }

    [Fact]
    public async Task When_pictures_were_fetched_changes_no_table()
    {
        await using var server = await ServeAsync(_ => Red);
        string[][] wishes = [["http://shop.test/0"], ["http://shop.test/1"]];
        await GetAsync(server, wishes);
        var first = Manifest.Read(Artifact).Content;
        var notes = File.ReadAllText(Path.Combine(Artifact, Manifest.FetchesFileName));
        _clock.Advance(TimeSpan.FromDays(1));
        await GetAsync(server, wishes, asks: AskAgain.Everything);
        Assert.Equal(first, Manifest.Read(Artifact).Content);
        Assert.NotEqual(notes, File.ReadAllText(Path.Combine(Artifact, Manifest.FetchesFileName)));
        Assert.Equal(["A0", "A1"], notes.Split('\n')[..2].Select(line => (string?)JsonNode.Parse(line)!["itemId"]));
    }

    [Fact]
    public async Task Opted_out_pictures_are_not_kept_against_their_owners_word()
    {
        await using var server = await ServeAsync(_ => Red);
        await GetAsync(server, [["http://shop.test/0"]]);
        _optOut = "noai";
        var row = Assert.Single(await GetAsync(server, [["http://shop.test/0"]], asks: AskAgain.Everything));
        Assert.Equal(("opted-out", null), (row.Status, row.Sha256));
        Assert.Empty(await ImagesAsync());
    }

    [Theory]
    [InlineData("https://user:secret@shop.test:8443/a%20b.jpg?x=1", "https://shop.test:8443/a%20b.jpg?x=1")]
    [InlineData("http://token@shop.test/é.jpg", "http://shop.test/é.jpg")]
    [InlineData("http://user:p@ss word@shop.test", "http://shop.test")]
    [InlineData("http://shop.test/a@b.jpg", "http://shop.test/a@b.jpg")]
    [InlineData("http://", "http://")]
    [InlineData("http://shop.test/é.jpg", "http://shop.test/é.jpg")]
    [InlineData("http://user:SEC/RET@shop.test/x.jpg", "http://shop.test/x.jpg")]
    [InlineData("ftp://user:SECRET@shop.test/x.jpg", "ftp://shop.test/x.jpg")]
    [InlineData("//user:SECRET@shop.test/x.jpg", "//shop.test/x.jpg")]
    [InlineData("none", "none")]
    [InlineData(".", ".")]
    public void An_address_is_shown_without_what_is_nobody_elses_business(string address, string shown) => Assert.Equal(shown, PictureAddress.Shown(address));

    [Theory]
    [InlineData("http://shop.test/1.jpg", "http://shop.test/1.jpg", null)]
    [InlineData("//shop.test/1.jpg", "https://shop.test/1.jpg", null)]
    [InlineData("/dev/zero", "/dev/zero", "is no http(s) address")]
    [InlineData("///dev/zero", "///dev/zero", "is no http(s) address")]
    [InlineData("file:///dev/zero", "file:///dev/zero", "is no http(s) address")]
    [InlineData("http://", "http://", "is no http(s) address")]
    public void What_others_publish_never_names_a_file_of_this_machine(string text, string expected, string? fault)
    {
        var place = PicturePlace.OnWeb(text);
        Assert.Equal((expected, false, fault), (place.Text, place.IsFile, place.Fault));
    }

    [Fact]
    public async Task A_file_without_an_end_is_not_read()
    {
        await using var server = await ServeAsync(_ => null);
        File.CreateSymbolicLink(_folder.In("zero.png"), "/dev/zero");
        File.CreateSymbolicLink(_folder.In("red.png"), _folder.In("1.png"));
        File.WriteAllBytes(_folder.In("1.png"), Red);
        var rows = await GetAsync(server, [[_folder.In("zero.png")], [_folder.In("red.png")]]);
        Assert.Equal(["is empty, or no regular file", null], rows.Select(r => r.Reason));
    }

    [Fact]
    public async Task The_days_that_a_gone_picture_stays_count_from_when_it_was_found_gone()
    {
        var shop = new ConcurrentDictionary<string, byte[]> { ["/0"] = Red };
        await using var server = await ServeAsync(path => shop.GetValueOrDefault(path));
        string[][] wishes = [["http://shop.test/0"]];
        await GetAsync(server, wishes);
        shop.Clear();
        _clock.Advance(TimeSpan.FromDays(400)); // none of which somebody looked
        Assert.Equal("kept", Assert.Single(await GetAsync(server, wishes, asks: AskAgain.Everything)).Status);
        shop["/0"] = Red;
        _clock.Advance(TimeSpan.FromDays(80));
        Assert.Equal("ok", Assert.Single(await GetAsync(server, wishes, asks: AskAgain.Failed)).Status);
        shop.Clear();
        _clock.Advance(TimeSpan.FromDays(80));
        Assert.Equal("kept", Assert.Single(await GetAsync(server, wishes, asks: AskAgain.Everything)).Status);
    }

    [Fact]
    public async Task A_picture_that_was_found_gone_by_a_clock_that_was_ahead_stays_its_days_from_the_next_look()
    {
        var shop = new ConcurrentDictionary<string, byte[]> { ["/0"] = Red };
        await using var server = await ServeAsync(path => shop.GetValueOrDefault(path));
        string[][] wishes = [["http://shop.test/0"]];
        await GetAsync(server, wishes);
        shop.Clear();
        Assert.Equal("kept", (await LookAsync(TimeSpan.FromDays(4000))).Status);
        Assert.Equal("kept", (await LookAsync(-TimeSpan.FromDays(4000))).Status);
        Assert.Equal("kept", (await LookAsync(TimeSpan.FromDays(80))).Status);
        Assert.Equal("failed", (await LookAsync(TimeSpan.FromDays(20))).Status);

        async Task<PictureRow> LookAsync(TimeSpan later)
        {
            _clock.AdjustTime(_clock.GetUtcNow() + later);
            return Assert.Single(await GetAsync(server, wishes, asks: AskAgain.Everything));
        }
    }

    [Fact]
    public async Task No_picture_goes_because_its_host_is_away()
    {
        string[][] wishes = [.. Enumerable.Range(0, 20).Select(i => new[] { $"http://shop.test/{i}" })];
        await using (var server = await ServeAsync(path => Png(12 + int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture)))) await GetAsync(server, wishes);
        _clock.Advance(TimeSpan.FromDays(400));
        await using var away = await WebServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        using var ticks = new Timer(_ => _clock.Advance(TimeSpan.FromSeconds(1)), null, 0, 1); // the waits between the attempts
        var rows = await GetAsync(away, wishes, new ImageOptions { KeepGoneDays = 1 }, AskAgain.Everything);
        Assert.All(rows, r => Assert.Equal("kept", r.Status));
        Assert.Contains(rows, r => r.Reason!.StartsWith("the host has been away", StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_something_is_unchanged_counts_only_where_its_version_was_sent()
    {
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        });
        var row = Assert.Single(await GetAsync(server, [["http://shop.test/0"]]));
        Assert.Equal(("failed", "HTTP 304", 304), (row.Status, row.Reason, row.HttpStatus));
    }

    [Fact]
    public async Task A_killed_retry_answers_no_refresh()
    {
        var shop = new ConcurrentDictionary<string, byte[]>(Enumerable.Range(0, 30).Select(i => KeyValuePair.Create($"/{i}", Png(12 + i))));
        await using var server = await ServeAsync(path => shop.GetValueOrDefault(path));
        string[][] wishes = [.. Enumerable.Range(0, 40).Select(i => new[] { $"http://shop.test/{i}" })];
        await GetAsync(server, wishes);
        await KilledAsync(server, wishes, AskAgain.Failed, after: 10);
        shop["/7"] = Blue;
        for (var i = 30; i < 40; i++) shop[$"/{i}"] = Png(12 + i);
        var rows = await GetAsync(server, wishes, asks: AskAgain.Everything);
        Assert.Equal(40, _asked.Count);
        Assert.All(rows, r => Assert.Equal("ok", r.Status));
        Assert.Equal(Hashing.OfBytes(Blue), rows[7].Sha256);
    }

    [Fact]
    public async Task What_a_killed_run_got_is_asked_for_again_once_a_refresh_is_due()
    {
        await using var server = await ServeAsync(_ => Red);
        string[][] wishes = [.. Enumerable.Range(0, 30).Select(i => new[] { $"http://shop.test/{i}" })];
        await KilledAsync(server, wishes, AskAgain.Nothing, after: 20);
        _clock.Advance(TimeSpan.FromHours(RefreshHours + 1));
        await GetAsync(server, wishes);
        Assert.Equal(30, _asked.Count);
    }

    [Fact]
    public async Task A_picture_that_several_killed_runs_got_counts_once()
    {
        await using var server = await ServeAsync(_ => Red);
        string[][] wishes = [.. Enumerable.Range(0, 40).Select(i => new[] { $"http://shop.test/{i}" })];
        await GetAsync(server, wishes[..30]);
        await KilledAsync(server, wishes, AskAgain.Nothing, after: 9);
        await KilledAsync(server, wishes, AskAgain.Everything, after: 20);
        Assert.All(await GetAsync(server, wishes), r => Assert.StartsWith("40 of 40 items have this picture", r.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_run_goes_on_though_the_artifact_that_it_went_on_from_is_gone()
    {
        await using var server = await ServeAsync(path => Png(12 + int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture)));
        string[][] wishes = [.. Enumerable.Range(0, 60).Select(i => new[] { $"http://shop.test/{i}" })];
        await GetAsync(server, wishes[..30]);
        await KilledAsync(server, wishes, AskAgain.Nothing, after: 10);
        Directory.Delete(Artifact, recursive: true);
        var rows = await GetAsync(server, wishes);
        Assert.All(rows, r => Assert.Equal("ok", r.Status));
        Assert.Equal(60, (await ImagesAsync()).Count);
    }

    [Fact]
    public async Task What_was_taken_against_its_owners_word_is_asked_for_once_the_word_counts()
    {
        await using var server = await ServeAsync(_ => Red);
        _optOut = "noai";
        Assert.Equal("ok", Assert.Single(await GetAsync(server, [["http://shop.test/0"]], new ImageOptions { HonourOptOut = false })).Status);
        Assert.Equal("opted-out", Assert.Single(await GetAsync(server, [["http://shop.test/0"]])).Status);
    }

    private string? _optOut;
    private int _unchanged;
    private Action? _answered;

    private const double RefreshHours = 24 * 365;

    private static Recipe Recipe => RecipeOf(new ImageOptions());

    private static Recipe RecipeOf(ImageOptions options) => new("ingest", 1, new JsonObject { ["images"] = options.Recipe }, []);

    /// <summary>A shop whose pictures have their hash as a tag.</summary>
    private Task<WebServer> ServeAsync(Func<string, byte[]?> picture) => WebServer.StartAsync(async (http, _) =>
    {
        var path = http.Request.Path.Value!;
        _asked.AddOrUpdate(path, 1, (_, n) => n + 1);
        _answered?.Invoke();
        if (_optOut is not null) http.Response.Headers["X-Robots-Tag"] = _optOut;
        if (picture(path) is not { } bytes)
        {
            http.Response.StatusCode = 404;
            return;
        }
        var tag = $"\"{Hashing.OfBytes(bytes)}\"";
        http.Response.Headers.ETag = tag;
        if (_optOut is null && http.Request.Headers.IfNoneMatch == tag)
        {
            Interlocked.Increment(ref _unchanged);
            http.Response.StatusCode = 304;
        }
        else await http.Response.Body.WriteAsync(bytes, Cancellation);
    });

    /// <summary>One run of the collection, as a step does it: the artifact is replaced, and what is unfinished stays where it fails.</summary>
    private async Task<List<PictureRow>> GetAsync(WebServer server, string[][] wishes, ImageOptions? options = null, AskAgain asks = AskAgain.Nothing, CancellationToken? cancellation = null)
    {
        options ??= new ImageOptions();
        using var fetcher = new Fetcher(new FetchPolicy { Retries = 1, Idle = TimeSpan.FromHours(1), RequestsPerSecond = double.PositiveInfinity, HonourOptOut = options.HonourOptOut }, _clock,
            new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });
        var output = new ArtifactWriter(Artifact, RecipeOf(options));
        using (var collection = await PictureCollection.OpenAsync(options, output, Cancellation))
        {
            await collection.GetAsync([.. wishes.Select((w, i) => new PictureWish($"A{i}", [.. w.Select(PlaceOf)]))],
                PictureQuestion.Of(asks, RefreshHours, _clock), (former, done) => new PictureDownloads(fetcher, options, former, asks, _clock, done), () => { }, cancellation ?? Cancellation);
            await collection.WriteAsync(output, [.. wishes.Select((_, i) => new ItemRow(i, $"A{i}", null, null, [], null, null, ""))], _ => { }, Cancellation);
        }
        await output.CommitAsync(Cancellation);
        Assert.Empty(await Verification.CheckAsync(Artifact, Cancellation));
        return await TableFile.ReadAsync<PictureRow>(TableFile.PathOf<PictureRow>(Artifact), Cancellation);
    }

    /// <summary>A run that ends when the server was asked so often.</summary>
    private async Task KilledAsync(WebServer server, string[][] wishes, AskAgain asks, int after)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        _asked.Clear();
        _answered = () =>
        {
            if (_asked.Values.Sum() == after) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(server, wishes, asks: asks, cancellation: stop.Token));
        Assert.True(Journal.CountOf(ArtifactWriter.UnfinishedOf(Artifact, Recipe.Fingerprint), "pictures") > 0);
        _answered = null;
        _asked.Clear();
    }

    private PicturePlace PlaceOf(string text) => text.StartsWith(_folder.Path, StringComparison.Ordinal) ? PicturePlace.InFile(text) : PicturePlace.OnWeb(text);

    private async Task<List<ImageRow>> ImagesAsync()
    {
        var images = new List<ImageRow>();
        await foreach (var image in TableFile.StreamFolderAsync<ImageRow>(Artifact, cancellation: Cancellation)) images.Add(image);
        return images;
    }

    internal static byte[] Png(int width) => NetVips.Image.Black(width, 20, 3).PngsaveBuffer();
}
