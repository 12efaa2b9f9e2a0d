using System.Text.RegularExpressions;

namespace LmmRec.EndToEnd;

/// <summary>What a configuration extends, what it does not use, and what <c>lmmrec config</c> shows of both.</summary>
public sealed partial class EffectiveConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_configuration_that_names_one_key_runs()
    {
        await WriteAsync("""{ "train": { "epochs": 2 } }""");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run")).Expect(0);
        Assert.Contains("vbpr-clip-small-pt-vt-s999", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_configuration_is_that_of_the_sample()
    {
        var without = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        await WriteAsync("{}");
        var with = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        Assert.Equal(Values(without.Output), Values(with.Output));
        Assert.StartsWith("// pipeline.json, which extends the sample's configuration", with.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:5\nsize 9\n", "is a Git LFS pointer, not the file: run git lfs pull")]
    [InlineData("<!doctype html><title>Log in</title>", "is a web page, not the file")]
    public async Task What_lies_where_a_configuration_was_wanted_is_called_by_its_name(string content, string what)
    {
        await WriteAsync(content);
        Assert.Contains($"--config pipeline.json: {what}", (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_value_is_shown_with_where_it_came_from()
    {
        await WriteAsync("""{ "train": { "epochs": 3 } }""");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config", "--set", "train.patience=5", "--workspace", "w")).Expect(0);
        foreach (var line in new[]
        {
            "\"epochs\": 3, // pipeline.json", "\"patience\": 5, // command line", "\"workspace\": \"w\" // command line",
            "\"batchSize\": 128, // sample", "\"evaluateEvery\": 1, // default", "\"learningRate\": 0.001, // default",
        })
            Assert.Contains(line, Blanks().Replace(ended.Output, " "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "dataset": { "source": "mmrec", "name": "x" }, "encoders": [{ "name": "i", "slot": "visual" }], "train": { "modalities": ["v"] } }""")]
    [InlineData("""{ "ingest": { "core": 3 }, "experiment": { "datasets": [{ "dataset": { "name": "x" } }, { "dataset": { "name": "y", "seed": 1 } }], "exclude": [{ "dataset": "x", "recommender": ["vbpr"] }] } }""")]
    public async Task The_listing_is_a_configuration_that_means_the_same(string json)
    {
        await WriteAsync(json);
        var first = (await Lmmrec.RunAsync(_folder.Path, "config", "--set", "train.options.vbpr.reg=[0.1, 1]")).Expect(0);
        await WriteAsync(first.Output);
        var second = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        Assert.Equal(Values(first.Output), Values(second.Output));
        Assert.Equal("", second.Error);
    }

    [Fact]
    public async Task The_password_of_a_proxy_is_not_shown_and_the_listing_says_so()
    {
        await WriteAsync("""{ "ingest": { "proxy": "http://me:secret@proxy.example.com:3128" } }""");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        Assert.Contains("\"proxy\": \"http://me:***@proxy.example.com:3128\", // pipeline.json; its password is not shown", Blanks().Replace(ended.Output, " "), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_ones_own_take_nothing_from_the_sample()
    {
        await WriteAsync("""{ "dataset": { "source": "mmrec", "name": "x" } }""");
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        Assert.DoesNotContain("// sample", ended.Output, StringComparison.Ordinal);
        foreach (var line in new[] { "\"encoders\": []", "\"recommenders\": [\"bpr\"]", "\"batchSize\": 2048" }) Assert.Contains(line, ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_file_gives_and_nothing_uses_is_warned_of()
    {
        await WriteAsync("""
            { "dataset": { "source": "mmrec", "name": "x", "seed": 3 }, "ingest": { "core": 12, "split": { "kind": "given", "seed": 1 }, "images": { "retries": 2 } },
              "encoders": [{ "name": "i", "slot": "visual", "maxFailedShare": 0.1 }],
              "train": { "recommenders": ["bpr"], "modalities": ["v"], "missing": "zero", "epochs": 3, "options": { "bpr": { "epochs": 5 }, "lattice": { "reg": 0.1 } } } }
            """);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config")).Expect(0);
        foreach (var key in new[]
        {
            "dataset.seed", "ingest.core", "ingest.split.seed", "ingest.images", "encoders.0.maxFailedShare", "train.modalities", "train.missing", "train.epochs", "train.options.lattice",
        })
            Assert.Contains($"warning: {key}: is not used: ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_matrices_is_refused_since_they_are_copied_as_a_whole()
    {
        await WriteAsync("""
            { "dataset": { "source": "mmrec", "name": "x" }, "encoders": [{ "name": "i", "slot": "visual" }], "train": { "recommenders": ["bpr"] } }
            """);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "featurize", "--shard", "1/2")).Expect(2);
        Assert.Contains("--shard: is not used, since no encoder has a card and a matrix is copied as a whole; leave it out", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_command_line_gives_and_nothing_uses_is_refused()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--set", "train.recommenders=[\"bpr\"]", "--set", "train.options.mgcn.reg=0.1")).Expect(2);
        Assert.Contains("train.options.mgcn: is not used: 'mgcn' is not among train.recommenders", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("ingest")]
    [InlineData("status")]
    public async Task A_data_folder_that_nothing_is_read_from_is_refused(string command)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, command, "--data", ".")).Expect(2);
        Assert.Contains("--data .: is not used", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("items.csv", "is a file; name the folder that it lies in")]
    [InlineData("nowhere", "there is no such folder")]
    public async Task Data_must_be_a_folder(string data, string fault)
    {
        await File.WriteAllTextAsync(_folder.PathOf("items.csv"), "id\n", TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "-d", data)).Expect(2);
        Assert.Contains($"--data '{data}': {fault}", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_example_is_free_of_faults_and_uses_all_that_it_names()
    {
        foreach (var example in Directory.EnumerateFiles(Path.Combine(Beside.Checkout, "examples"), "*.json"))
            Assert.Equal("", (await Lmmrec.RunAsync(_folder.Path, "config", "--config", example)).Expect(0).Error);
    }

    private Task WriteAsync(string json) => File.WriteAllTextAsync(_folder.PathOf("pipeline.json"), json, TestContext.Current.CancellationToken);

    private static string Values(string listing) => Comments().Replace(listing, "");

    [GeneratedRegex(@" *// .*")]
    private static partial Regex Comments();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
