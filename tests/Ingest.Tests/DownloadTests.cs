using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Matrices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace LmmRec.Ingest.Tests;

public sealed class DownloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Quiet _progress = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_fetched_once_and_its_size_and_hash_are_remembered()
    {
        var asked = 0;
        await using var server = await ServeAsync(() => $"content {++asked}");
        Assert.True(await RunAsync(server));
        Assert.False(await RunAsync(server));

        Assert.Equal(1, asked);
        Assert.Equal("content 1", await File.ReadAllTextAsync(_folder.In("meta.json/meta.json"), TestContext.Current.CancellationToken));
        var manifest = Manifest.Read(_folder.In("meta.json"));
        Assert.Equal(new ManifestFile(9, Hashing.OfText("content 1")), manifest.Files["meta.json"]);
        Assert.Equal($"http://{server.Endpoint}/meta.json", (string?)manifest.Facts["url"]);
    }

    [Fact]
    public async Task A_file_that_comes_damaged_is_fetched_again_and_one_that_became_another_is_told()
    {
        var asked = 0;
        await using var server = await ServeAsync(() => $"content {++asked}");
        await RunAsync(server);
        File.Delete(_folder.In("meta.json/meta.json"));
        Assert.True(await RunAsync(server));
        Assert.Contains($"meta.json has changed since it was last fetched (then 9 bytes, SHA-256 {Hashing.OfText("content 1")})", _progress.Notes);
    }

    [Fact]
    public async Task A_file_that_is_asked_for_again_comes_only_where_it_has_changed()
    {
        var (tag, asked) = ("\"v1\"", new List<string>());
        await using var server = await WebServer.StartAsync((http, _) =>
        {
            asked.Add(http.Request.Headers.IfNoneMatch.ToString());
            http.Response.Headers.ETag = tag;
            if (http.Request.Headers.IfNoneMatch != tag) return http.Response.WriteAsync($"content {tag}");
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        });
        for (var i = 0; i < 3; i++) Assert.True(await RunAsync(server, again: "--refresh"));
        Assert.Equal("content \"v1\"", await File.ReadAllTextAsync(_folder.In("meta.json/meta.json"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(_progress.Notes, note => note.Contains("has changed", StringComparison.Ordinal));
        tag = "\"v2\"";
        await RunAsync(server, again: "--refresh");
        Assert.Equal(["", "\"v1\"", "\"v1\"", "\"v1\""], asked);
        Assert.Equal("content \"v2\"", await File.ReadAllTextAsync(_folder.In("meta.json/meta.json"), TestContext.Current.CancellationToken));
        Assert.Contains($"meta.json has changed since it was last fetched (then 12 bytes, SHA-256 {Hashing.OfText("content \"v1\"")})", _progress.Notes);
    }

    [Fact]
    public async Task What_cannot_be_fetched_is_told_with_what_else_to_do_and_leaves_nothing()
    {
        await using (var server = await ServeAsync(() => null))
        {
            var missing = await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(server));
            Assert.Equal($"http://{server.Endpoint}/meta.json: cannot be fetched: HTTP 404; check the address and that the server is up, or put it there", missing.Message);
        }
        await using (var server = await ServeAsync(() => "<html>log in</html>"))
        {
            var page = await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(server));
            Assert.StartsWith($"http://{server.Endpoint}/meta.json: is a web page, not the file", page.Message, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_killed_fetch_goes_on_after_what_came()
    {
        var content = new string('a', 30_000) + new string('b', 30_000);
        var whole = false;
        await using var server = await WebServer.StartAsync(async (http, _) =>
        {
            http.Response.Headers.ETag = "\"v1\"";
            var from = http.Request.Headers.IfRange == "\"v1\"" ? int.Parse(http.Request.Headers.Range.ToString()["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            http.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0) http.Response.Headers.ContentRange = $"bytes {from}-59999/60000";
            http.Response.ContentLength = 60_000 - from;
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content[from..(whole ? 60_000 : 30_000)]), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            while (!whole) await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await Assert.ThrowsAsync<InvalidInputException>(() => RunAsync(server, idleSeconds: 0.5)); // it falls silent after the first half
        whole = true;
        await RunAsync(server);
        Assert.Contains(_progress.Notes, note => note == "download/meta.json: runs (goes on after 30000 bytes)");
        Assert.Equal(content, await File.ReadAllTextAsync(_folder.In("meta.json/meta.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["meta.json"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Files_that_do_not_lie_in_the_data_folder_are_fetched_from_the_public_place_or_the_mirror()
    {
        _folder.File("Toys_5.json", "{}");
        var steps = Steps(new DatasetOptions { Source = DatasetSource.Amazon2018, Category = "Toys" });
        Assert.Equal(["download/meta_Toys.json.gz", "ingest"], steps.Select(s => s.Name));
        Assert.Equal(["Toys_5.json"], steps[^1].Files.Keys);
        Assert.Equal([steps[0].Folder], steps[^1].Inputs.Values);
        Assert.Equal(_folder.In("amazon/downloads/meta_Toys.json.gz"), steps[0].Folder);

        _folder.File("image_features_Baby.b.gz", "packed"); // read by record, so this one does not count
        Assert.Equal(["download/ratings_Baby.csv", "download/meta_Baby.json.gz", "download/image_features_Baby.b", "ingest"],
            Steps(new DatasetOptions { Source = DatasetSource.Amazon2014, Category = "Baby", From = AmazonInteractions.Ratings }, "image_features_Baby").Select(s => s.Name));
    }

    [Fact]
    public async Task A_file_that_was_fetched_is_asked_for_again_when_the_command_says_so_or_it_is_time()
    {
        var dataset = new DatasetOptions { Source = DatasetSource.Amazon2018, Category = "Toys" };
        _folder.File("Toys_5.json", "{}");
        Assert.Equal("--refresh: the file is asked for again", Reason(AskAgain.Everything, null, TimeSpan.Zero));
        Assert.Null(Reason(AskAgain.Failed, 1, TimeSpan.FromHours(2)));

        await using var server = await ServeAsync(() => "content");
        await RunAsync(server); // notes when
        Directory.CreateDirectory(_folder.In("amazon/downloads"));
        Directory.Move(_folder.In("meta.json"), _folder.In("amazon/downloads/meta_Toys.json.gz"));
        Assert.Equal("the file was asked for more than 1 hours ago", Reason(AskAgain.Nothing, 1, TimeSpan.FromHours(2)));
        Assert.Null(Reason(AskAgain.Nothing, 3, TimeSpan.FromHours(2)));
        Assert.Equal("the file was asked for at a time that is still to come: the clock was set back", Reason(AskAgain.Nothing, 3, -TimeSpan.FromHours(4)));
        Assert.Null(Reason(AskAgain.Nothing, 3, -TimeSpan.FromHours(2))); // such as by the run that is taken up, whose clock begins anew

        string? Reason(AskAgain again, double? hours, TimeSpan later)
        {
            var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + later);
            var step = IngestStage.Steps(dataset, new IngestOptions { RefreshHours = hours }, _folder.Path, _folder.In("amazon/ingest"), [], Stage.Shop, again, clock)[0];
            return step.RunsAgain(step.Folder);
        }
    }

    [Fact]
    public void A_matrix_that_is_none_of_the_editions_is_refused()
    {
        var other = Assert.Throws<InvalidInputException>(() => Steps(new DatasetOptions { Source = DatasetSource.Amazon2014, Category = "Baby" }, "image_feat"));
        Assert.StartsWith("the encoder 'image_feat' has neither card nor file, so it is a feature matrix of this name, and amazon-2014 has none but image_features_Baby.b", other.Message, StringComparison.Ordinal);
        var later = Assert.Throws<InvalidInputException>(() => Steps(new DatasetOptions { Source = DatasetSource.Amazon2023, Category = "Baby" }, "image_features_Baby"));
        Assert.EndsWith("there is no such file, and only the edition of 2014 is known to publish one", later.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Baby")]
    [InlineData("Sports_and_Outdoors")]
    public void An_encoder_of_any_name_has_the_features_of_each_category_once(string category)
    {
        const string File = "image_features_{category}.b";
        var steps = StepsOf(new DatasetOptions { Source = DatasetSource.Amazon2014, Category = category }, [new WantedMatrix("cnn", File), new WantedMatrix("other", File)]);
        Assert.Single(steps, step => step.Folder == _folder.In($"amazon/downloads/image_features_{category}.b"));
    }

    private IReadOnlyList<Step> Steps(DatasetOptions dataset, params string[] matrices) => StepsOf(dataset, [.. matrices.Select(matrix => new WantedMatrix(matrix))]);

    private IReadOnlyList<Step> StepsOf(DatasetOptions dataset, IReadOnlyList<WantedMatrix> matrices) =>
        IngestStage.Steps(dataset, new IngestOptions(), _folder.Path, _folder.In("amazon/ingest"), matrices, Stage.Shop);

    private async Task<bool> RunAsync(WebServer server, double idleSeconds = 10, string? again = null)
    {
        var policy = new FetchPolicy { Idle = TimeSpan.FromSeconds(idleSeconds), Retries = 1, PrivateHosts = ["127.0.0.1"] };
        var step = Download.Of("meta.json", new Uri($"http://user:secret@{server.Endpoint}/meta.json"), "amazon-2018", _folder.Path, policy, "or put it there") with { RunsAgain = _ => again };
        var outcome = await new StepRunner(_progress, TimeProvider.System, threads: 2, device: "cpu").RunAsync(step, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(_progress.Notes, note => note.Contains("secret", StringComparison.Ordinal));
        return outcome.Ran;
    }

    private static Task<WebServer> ServeAsync(Func<string?> content) => WebServer.StartAsync(async (http, _) =>
    {
        if (content() is { } text) await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), http.RequestAborted);
        else http.Response.StatusCode = 404;
    });
}
