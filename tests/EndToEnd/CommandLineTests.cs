namespace LmmRec.EndToEnd;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Help_names_every_command_and_exit_code()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "--help")).Expect(0);
        foreach (var word in new[] { "run", "ingest", "featurize", "train", "evaluate", "status", "verify", "sample", "0 done", "1 failed", "130 interrupted" })
            Assert.Contains(word, ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --worksapce x", "'--worksapce': unknown option; did you mean '--workspace'?")]
    [InlineData("run --frobnicate=x", "'--frobnicate': unknown option; allowed: --allow-full, --config, ")]
    [InlineData("trian", "'trian': unknown command; did you mean 'train'?")]
    [InlineData("frobnicate", "'frobnicate': unknown command; allowed: config, ")]
    [InlineData("run extra", "'extra': run takes options only; allowed: --allow-full, --config, ")]
    [InlineData("train --data .", "'--data': train does not use it; these do: run, ingest, status")]
    [InlineData("verify --device cpu", "'--device': verify does not use it")]
    [InlineData("status --threads 1", "'--threads': status does not use it")]
    [InlineData("run --threads x", "--threads x: is not a whole number from 1 to 1024")]
    [InlineData("run --threads 0", "--threads 0: is not a whole number from 1 to 1024")]
    [InlineData("run --threads", "--threads: needs a value: N")]
    [InlineData("run --threads 1 --threads 2", "--threads: is given 2 times (1, 2)")]
    [InlineData("run --config ", "--config '': needs a value")]
    [InlineData("ingest --sample x", "ingest.sample: \"x\" is not a whole number")]
    [InlineData("ingest --refresh --retry-failed", "--retry-failed: is not used, since --refresh asks for all pictures")]
    [InlineData("ingest --dry-run --refresh", "--refresh: is not used, since --dry-run fetches nothing")]
    [InlineData("ingest --dry-run --data .", "--data .: is not used")]
    [InlineData("run --refresh --set dataset.source=mmrec --set dataset.name=x", "--refresh: is not used: ")]
    [InlineData("featurize --shard 4/3", "--shard 4/3: is no part; allowed: of 3: 1/3, 2/3, 3/3; there are at most 1000")]
    [InlineData("featurize --shard 0/16", "--shard 0/16: is no part; allowed: of 16: 1/16 to 16/16; there are at most 1000")]
    [InlineData("featurize --shard a/b", "--shard a/b: is no part; allowed: of 4: 1/4, 2/4, 3/4, 4/4; there are at most 1000")]
    [InlineData("featurize --shard 1/4 --merge", "--merge: is not used, since --shard makes one part; leave one of them out")]
    [InlineData("run --shard 1/4", "'--shard': run does not use it; this does: featurize")]
    [InlineData("run @file", "'@file': run takes options only")]
    [InlineData("models", "models: needs a command; allowed: list, inspect, init, import")]
    [InlineData("models inspect", "<card>: is missing")]
    [InlineData("sample serve --port 70000", "--port 70000: is not a whole number from 0 to 65535")]
    [InlineData("run --set train.recommenders=bpr", "train.recommenders: \"bpr\" is not a list; write [\"bpr\"]")]
    [InlineData("run --set train.recommenders=[bpr]", "the value is no valid JSON; a shell takes double quotes away")]
    public async Task What_is_wrong_with_an_argument_is_said_with_what_is_allowed(string arguments, string message)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, arguments.Split(' '))).Expect(2);
        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_folder_that_holds_none_of_Amazons_files_yet_may_be_named_as_their_place()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "ingest", "--dry-run", "--data", ".", "--set", "dataset.source=amazon-2014", "--set", "dataset.category=Baby")).Expect(1);
        Assert.Contains("not here yet, so nothing can be counted; put the files into --data", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_control_character_of_a_strangers_reaches_the_terminal()
    {
        await File.WriteAllTextAsync(_folder.PathOf("bad.json"), """{ "\u001b[2Jdataset": 1 }""", TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--config", "bad.json")).Expect(2);
        Assert.Contains("\\u001b[2Jdataset: unknown key", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', ended.Error);
    }

    [Fact]
    public async Task All_faults_of_a_configuration_are_listed_at_once()
    {
        await File.WriteAllTextAsync(_folder.PathOf("bad.json"),
            """
            { "dataset": { "sed": 7 }, "train": { "epochs": 0, "recommenders": ["vbrp"], "options": { "vbpr": { "rge": 0.1, "learningRate": [0.001, 7] } } },
              "encoders": [{ "name": "a", "slot": "visual", "paradigms": ["pt", "xx"] }], "evaluate": { "cutoffs": [] } }
            """, TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--config", "bad.json", "--set", "train.epoch=5")).Expect(2);
        foreach (var fault in new[]
        {
            "dataset.sed: unknown key; did you mean 'seed'?",
            "unknown recommender 'vbrp'; did you mean 'vbpr'?",
            "train.options.vbpr.rge: unknown key; did you mean 'reg'?",
            "train.options.vbpr.learningRate: 7 is out of range",
            "train.epochs: 0 is out of range; allowed 1 to 100000",
            "train.epoch: unknown key; did you mean 'epochs'?",
            "encoders.0.paradigms",
            "evaluate.cutoffs: needs at least 1 element(s)",
        })
            Assert.Contains(fault, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_matrix_on_the_sample_is_refused_since_nothing_would_read_it()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "config", "--set", """encoders=[{ "name": "a", "slot": "visual" }]""")).Expect(2);
        Assert.Contains("encoders.0.slot: is for a matrix of yours, and dataset.source \"sample\" reads no files", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_cannot_be_made_is_named_with_the_option_that_names_another()
    {
        await File.WriteAllTextAsync(_folder.PathOf("file"), "", TestContext.Current.CancellationToken);
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--workspace", "file/w")).Expect(1);
        Assert.StartsWith("workspace 'file/w': cannot be made or written to: ", ended.Error, StringComparison.Ordinal);
        Assert.EndsWith("; name another with --workspace", ended.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain(".;", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_not_there_is_named()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--config", "none.json")).Expect(2);
        Assert.Contains("none.json", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_of_an_empty_workspace_fails_and_says_what_to_do()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(1);
        Assert.Contains("lmmrec run", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_shop_can_be_served_alone()
    {
        using var shop = Lmmrec.Start(_folder.Path, "sample", "serve", "--port", "0");
        await shop.WaitForAsync("serving");
        using var client = new HttpClient();
        foreach (var url in shop.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Assert.NotEmpty(await client.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));
        shop.Interrupt();
        (await shop.EndAsync()).Expect(0);
    }
}
