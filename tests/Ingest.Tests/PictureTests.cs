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
        var rows = await GetAsync(server, wishes, asksAll: true);
        Assert.Equal(["ok", "ok", "kept"], rows.Select(r => r.Status));
        Assert.Equal("HTTP 404", rows[2].Reason);
        Assert.Equal([Red, Png(50), Png(40)], (await ImagesAsync()).Select(i => i.Bytes));
        Assert.Equal(1, _unchanged); // only the first was not sent again

        _clock.Advance(TimeSpan.FromDays(89.5));
        Assert.Equal(["ok", "ok", "failed"], (await GetAsync(server, wishes, asksAll: true)).Select(r => r.Status));
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
        await GetAsync(server, wishes, asksAll: true);
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
        var row = Assert.Single(await GetAsync(server, [["http://shop.test/0"]], asksAll: true));
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

    private string? _optOut;
    private int _unchanged;

    private static readonly Recipe Recipe = new("ingest", 1, [], []);

    /// <summary>A shop whose pictures have their hash as a tag.</summary>
    private Task<WebServer> ServeAsync(Func<string, byte[]?> picture) => WebServer.StartAsync(async (http, _) =>
    {
        var path = http.Request.Path.Value!;
        _asked.AddOrUpdate(path, 1, (_, n) => n + 1);
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
    private async Task<List<PictureRow>> GetAsync(WebServer server, string[][] wishes, ImageOptions? options = null, bool asksAll = false, CancellationToken? cancellation = null)
    {
        options ??= new ImageOptions();
        using var fetcher = new Fetcher(new FetchPolicy { Retries = 1, Idle = TimeSpan.FromHours(1), RequestsPerSecond = double.PositiveInfinity }, _clock,
            new Dictionary<string, IPEndPoint> { [WebServer.Host] = server.Endpoint });
        var output = new ArtifactWriter(Artifact, Recipe);
        using (var collection = await PictureCollection.OpenAsync(options, output, Cancellation))
        {
            await collection.GetAsync([.. wishes.Select((w, i) => new PictureWish($"A{i}", [.. w.Select(PlaceOf)]))],
                (former, done) => new PictureDownloads(fetcher, options, former, asksAll, _clock, done), () => { }, cancellation ?? Cancellation);
            await collection.WriteAsync(output, [.. wishes.Select((_, i) => new ItemRow(i, $"A{i}", null, null, [], null, null, ""))], _ => { }, Cancellation);
        }
        await output.CommitAsync(Cancellation);
        Assert.Empty(await Verification.CheckAsync(Artifact, Cancellation));
        return await TableFile.ReadAsync<PictureRow>(TableFile.PathOf<PictureRow>(Artifact), Cancellation);
    }

    private PicturePlace PlaceOf(string text) => text.StartsWith(_folder.Path, StringComparison.Ordinal) ? PicturePlace.InFile(text) : PicturePlace.OnWeb(text);

    private async Task<List<ImageRow>> ImagesAsync()
    {
        var images = new List<ImageRow>();
        await foreach (var image in TableFile.StreamFolderAsync<ImageRow>(Artifact, cancellation: Cancellation)) images.Add(image);
        return images;
    }

    private static byte[] Png(int width) => NetVips.Image.Black(width, 20, 3).PngsaveBuffer();
}
