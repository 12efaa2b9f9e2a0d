using System.Diagnostics;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Tests;

public sealed class ArtifactTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_step_runs_once_and_is_skipped_when_nothing_changed()
    {
        Assert.True((await Run(Step("one", 1))).Ran);
        Assert.False((await Run(Step("one", 1))).Ran);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(10, "10")]
    [InlineData(20, "10 10")]
    [InlineData(25, "10 10 5")]
    public async Task Shards_are_full_but_for_the_last_and_an_empty_table_has_one(int rows, string expected)
    {
        var step = Step("a", 1) with
        {
            Run = (context, cancellation) => context.Output.WriteShardsAsync(
                "users", Enumerable.Range(0, rows).Select(i => new UserRow(i, $"u{i}")).ToAsyncEnumerable(), 10, cancellation),
        };
        await Run(step);
        Assert.Equal(expected, string.Join(' ', Manifest.Read(step.Folder).Files.Values.Select(f => f.Rows)));
        Assert.Equal(Enumerable.Range(0, rows), await TableFile.StreamFolderAsync<UserRow>(step.Folder, "users", _cancellation).Select(u => u.User).ToListAsync(_cancellation));
    }

    [Fact]
    public async Task An_artifact_with_a_file_that_is_no_table_is_skipped_as_well()
    {
        var step = Step("a", 1) with { Run = (context, cancellation) => File.WriteAllTextAsync(context.Output.PathFor("report/index.html"), "<p>", cancellation) };
        Assert.True((await Run(step)).Ran);
        Assert.False((await Run(step)).Ran);
    }

    [Fact]
    public async Task A_changed_option_input_file_or_code_version_runs_the_step_again_and_is_named()
    {
        var file = _workspace.PathOf("given.txt");
        await File.WriteAllTextAsync(file, "a", _cancellation);
        Step First(int value) => Step("first", value);
        Step Second(int code) => Step("second", 0) with
        {
            CodeVersion = code,
            Inputs = new Dictionary<string, string> { ["first"] = First(0).Folder },
            Files = new Dictionary<string, string> { ["given.txt"] = file },
        };

        Assert.Equal(["needs first, which is not there"], (await State(Second(1))).Reasons);
        await Run(First(1));
        await Run(Second(1));
        Assert.Equal(StepStatus.Done, (await State(Second(1))).Status);

        Assert.Equal(["option value 1 → 2"], (await State(First(2))).Reasons);
        Assert.Equal(["code version 1 → 2"], (await State(Second(2))).Reasons);
        await File.WriteAllTextAsync(file, "b", _cancellation);
        Assert.Equal(["given.txt changed"], (await State(Second(1))).Reasons);
        await Run(First(2));
        Assert.Equal(["input first changed", "given.txt changed"], (await State(Second(1))).Reasons);
    }

    [Fact]
    public async Task A_table_that_a_step_does_not_read_is_no_reason_to_run_it_or_to_refuse_what_was_made_of_the_others()
    {
        Step Shop(int users, int shards) => Step("shop", 0) with
        {
            Options = new JsonObject { ["users"] = users, ["shards"] = shards },
            Run = async (context, cancellation) =>
            {
                await context.Output.WriteTableAsync(Enumerable.Range(0, users).Select(i => new UserRow(i, $"u{i}")), cancellation);
                await context.Output.WriteShardsAsync("items", Enumerable.Range(0, shards).Select(i => new UserRow(i, $"i{i}")).ToAsyncEnumerable(), 1, cancellation);
            },
        };
        Step Reader(string name, string table) => Step(name, 0) with
        {
            Inputs = new Dictionary<string, string> { ["shop"] = Shop(1, 1).Folder },
            Reads = new Dictionary<string, IReadOnlyList<string>> { ["shop"] = [table] },
        };
        Step Both() => Reader("both", "users") with { Inputs = new Dictionary<string, string> { ["shop"] = Shop(1, 1).Folder, ["items"] = Reader("items", "items").Folder } };

        await Run(Shop(users: 1, shards: 2));
        await Run(Reader("users", "users"));
        await Run(Reader("items", "items"));
        await Run(Both());
        await Run(Shop(users: 1, shards: 3));
        Assert.Equal(StepStatus.Done, (await State(Reader("users", "users"))).Status);
        Assert.Equal(["input shop changed"], (await State(Reader("items", "items"))).Reasons);
        Assert.Equal(["needs items made from this shop; the one that is there was made from another"], (await State(Both())).Reasons);
        await Run(Reader("items", "items"));
        await Run(Shop(users: 2, shards: 3));
        Assert.Equal(["input shop changed"], (await State(Reader("users", "users"))).Reasons);
        Assert.Equal(StepStatus.Done, (await State(Reader("items", "items"))).Status);
        Assert.Equal(StepStatus.WouldRun, (await State(Both())).Status);
    }

    [Fact]
    public async Task An_input_that_an_older_version_wrote_in_its_own_form_is_not_read()
    {
        var first = Step("first", 1);
        await Run(first);
        Rewrite(first, "\"schemaVersion\": 1", "\"schemaVersion\": 0");
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = first.Folder } }));
        Assert.Contains("needs first of schema version 1; the one that is there, of version 0, was written by another lmmrec", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2")]
    [InlineData("{\n  \"schemaVersion\": 1", "{ \"form\": \"another\", \"files\": [],\n  \"schemaVersion\": 2")]
    public async Task What_a_newer_version_wrote_is_neither_overwritten_nor_read(string before, string after)
    {
        var first = Step("first", 1);
        await Run(first);
        Rewrite(first, before, after);
        var bytes = File.ReadAllBytes(Path.Combine(first.Folder, Manifest.FileName));
        foreach (var step in new[] { first, Step("first", 2), Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = first.Folder } } })
        {
            var error = await Assert.ThrowsAsync<NewerVersionException>(() => Run(step));
            Assert.StartsWith($"{first.Folder}: was written by a newer lmmrec (schema version 2, this one knows 1); use that one on this workspace", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(first.Folder, Manifest.FileName)));
        Assert.Equal([first.Folder], Directory.EnumerateFileSystemEntries(_workspace.Path));
    }

    [Fact]
    public async Task A_manifest_that_was_deleted_or_is_none_any_more_has_its_artifact_made_again()
    {
        var step = Step("a", 1);
        await Run(step);
        var (path, bytes) = (Path.Combine(step.Folder, Manifest.FileName), File.ReadAllBytes(Path.Combine(step.Folder, Manifest.FileName)));
        File.Delete(path);
        Assert.Equal([new Reason(ReasonKind.Damaged, $"{path} is gone")], (await State(step)).Why);
        Assert.True((await Run(step)).Ran);
        File.WriteAllText(path, "{ \"schemaVersion\": \"one\" }");
        Assert.StartsWith($"{path}: is no manifest (", Assert.Single((await State(step)).Why).Text, StringComparison.Ordinal);
        Assert.True((await Run(step)).Ran);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task What_is_found_damaged_is_read_by_no_step_and_made_again_by_its_own()
    {
        var first = Step("first", 1);
        var second = Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = first.Folder } };
        await Run(first);
        await Run(second);
        var path = Path.Combine(first.Folder, "users.parquet");
        var (whole, damaged) = (File.ReadAllBytes(path), File.ReadAllBytes(path));
        damaged[20] ^= 1;
        File.WriteAllBytes(path, damaged);
        await Verification.JudgeAsync(first.Folder, "first", _cancellation);
        Assert.Equal(ReasonKind.Damaged, Assert.Single((await State(first)).Why).Kind);
        Assert.StartsWith($"needs first, which is damaged: found by 'lmmrec verify': {path}: has SHA-256", Assert.Single((await State(second)).Reasons), StringComparison.Ordinal);

        // Brought back as it was, it is whole.
        File.WriteAllBytes(path, whole);
        await Verification.JudgeAsync(first.Folder, "first", _cancellation);
        Assert.Equal(StepStatus.Done, (await State(first)).Status);
        Assert.Equal(StepStatus.Done, (await State(second)).Status);
    }

    [Fact]
    public async Task That_a_step_reads_other_tables_of_an_input_than_before_is_a_change_of_its_code_and_not_of_the_input()
    {
        var first = Step("first", 1);
        var second = Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = first.Folder } };
        await Run(first);
        await Run(second);
        var reads = second with { Reads = new Dictionary<string, IReadOnlyList<string>> { ["first"] = ["users"] } };
        Assert.Equal([new Reason(ReasonKind.Code, "reads other tables of first")], (await State(reads)).Why);
    }

    [Fact]
    public async Task An_artifact_that_is_replaced_while_it_is_judged_is_not_called_damaged()
    {
        await Run(Step("first", 0));
        var replaced = Task.Run(async () =>
        {
            for (var seed = 1; seed <= 50; seed++) await Run(Step("first", seed));
        }, _cancellation);
        while (!replaced.IsCompleted) Assert.Empty((await Verification.JudgeAsync(Step("first", 0).Folder, "first", _cancellation))?.Faults ?? []);
        await replaced;
        Assert.Null(FailedStep.TryRead(Step("first", 0).Folder));
    }

    [Fact]
    public async Task A_step_whose_input_is_replaced_while_it_runs_makes_nothing()
    {
        await Run(Step("first", 1));
        var second = Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = Step("first", 1).Folder }, Run = (_, _) => Run(Step("first", 2)) };
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(second));
        Assert.Equal($"second: its input first ({Step("first", 1).Folder}) was replaced while it ran, such as by another lmmrec; what it made of the one before is thrown away: run the command again", error.Message);
        Assert.False(Directory.Exists(second.Folder));
    }

    [Fact]
    public async Task An_input_that_lacks_a_file_is_not_read_as_if_it_were_shorter()
    {
        var first = Step("first", 1) with
        {
            Run = (context, cancellation) => context.Output.WriteShardsAsync(
                "users", Enumerable.Range(0, 20).Select(i => new UserRow(i, $"u{i}")).ToAsyncEnumerable(), 10, cancellation),
        };
        await Run(first);
        File.Delete(Path.Combine(first.Folder, "users-00001.parquet"));
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => Run(Step("second", 1) with { Inputs = new Dictionary<string, string> { ["first"] = first.Folder } }));
        Assert.Contains("needs first, whose users-00001.parquet is missing or damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_recipe_gives_the_same_bytes_manifest_included()
    {
        await Run(Step("a", 1));
        var first = Bytes(Step("a", 1).Folder);
        Directory.Delete(Step("a", 1).Folder, recursive: true);
        await Run(Step("a", 1));
        Assert.Equal(first, Bytes(Step("a", 1).Folder));

        static Dictionary<string, string> Bytes(string folder) => Directory.EnumerateFiles(folder)
            .Where(f => Path.GetFileName(f) != Manifest.TimingsFileName)
            .ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f)));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_former_artifact_as_it_was()
    {
        await Run(Step("a", 1));
        var failing = Step("a", 2) with { Run = (_, _) => throw new InvalidInputException("row 3 is broken") };
        await Assert.ThrowsAsync<InvalidInputException>(() => Run(failing));
        Assert.Empty(await Verification.CheckAsync(failing.Folder, _cancellation));
        Assert.Equal([failing.Folder], Directory.EnumerateFileSystemEntries(_workspace.Path));
        Assert.Equal(StepStatus.Done, (await State(Step("a", 1))).Status);
    }

    [Fact]
    public async Task Unfinished_work_outlives_a_step_that_fails_and_goes_once_the_step_is_done()
    {
        var step = Step("a", 1) with { GoesOn = unfinished => File.Exists(Path.Combine(unfinished, "half")) ? "goes on with the second half" : null };
        var failing = step with
        {
            Run = (context, cancellation) =>
            {
                Directory.CreateDirectory(context.Output.Unfinished);
                File.WriteAllText(Path.Combine(context.Output.Unfinished, "half"), "1");
                throw new InvalidInputException("the second half is not there yet");
            },
        };
        await Assert.ThrowsAsync<InvalidInputException>(() => Run(failing));
        Assert.Equal(["goes on with the second half"], (await State(step)).Reasons);
        Assert.Equal(["there is no artifact yet"], (await State(step with { CodeVersion = 2 })).Reasons);
        await Run(step);
        Assert.Equal([step.Folder], Directory.EnumerateFileSystemEntries(_workspace.Path));
    }

    [Fact]
    public async Task A_file_of_the_unfinished_work_becomes_part_of_the_artifact_at_the_commit()
    {
        var step = Step("a", 1) with
        {
            Run = (context, _) =>
            {
                Directory.CreateDirectory(context.Output.Unfinished);
                File.WriteAllText(Path.Combine(context.Output.Unfinished, "large"), "it came");
                context.Output.Adopt("large");
                return Task.CompletedTask;
            },
        };
        await Run(step);
        Assert.Equal("it came", await File.ReadAllTextAsync(Path.Combine(step.Folder, "large"), _cancellation));
        Assert.Equal(["large"], Manifest.Read(step.Folder).Files.Keys);
        Assert.Empty(await Verification.CheckAsync(step.Folder, _cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_of_the_unfinished_work_is_still_there_when_the_commit_fails_or_the_process_dies_in_it(bool dies)
    {
        var (folder, recipe) = (Step("a", 1).Folder, new Recipe("a", 1, [], new SortedDictionary<string, string>()));
        var writer = new ArtifactWriter(folder, recipe);
        Directory.CreateDirectory(writer.Unfinished);
        await File.WriteAllTextAsync(Path.Combine(writer.Unfinished, "large"), "it came", _cancellation);
        writer.Adopt("large");
        await File.WriteAllTextAsync(folder, "a file in the place of the artifact's folder, so that the last renaming fails", _cancellation);
        await Assert.ThrowsAnyAsync<IOException>(() => writer.CommitAsync(_cancellation));
        Assert.True(File.Exists(Path.Combine(writer.Folder, "large")), "the commit came as far as moving it");

        if (dies) _ = new ArtifactWriter(folder, recipe);
        else writer.Discard();
        Assert.Equal("it came", await File.ReadAllTextAsync(Path.Combine(writer.Unfinished, "large"), _cancellation));
        Assert.Equal(["large"], Directory.EnumerateFileSystemEntries(writer.Unfinished).Select(Path.GetFileName));
        Assert.False(File.Exists(Path.Combine(writer.Folder, "large")));
    }

    [Fact]
    public async Task Where_the_process_died_right_after_the_commit_the_next_run_deletes_the_unfinished_work_that_went_into_it_and_no_other()
    {
        var step = Step("a", 1) with { UnfinishedFor = _ => "for all that are made the same way" };
        var (left, leaving) = (step.Folder + ArtifactWriter.UnfinishedWork, step.Folder + ArtifactWriter.UnfinishedWork + FileSystem.Leaving);
        var dying = step with
        {
            Run = (context, _) =>
            {
                Directory.CreateDirectory(context.Output.Unfinished);
                Directory.CreateDirectory(Path.Combine(leaving, "what an earlier one left, which fails to go"));
                return Task.CompletedTask;
            },
        };
        await Assert.ThrowsAnyAsync<IOException>(() => Run(dying));
        Directory.CreateDirectory(Path.Combine(left, "another"));
        Assert.False((await Run(step)).Ran);
        Assert.Equal(["another"], Directory.EnumerateFileSystemEntries(left).Select(Path.GetFileName));
        Assert.False(Directory.Exists(leaving));
    }

    [Fact]
    public async Task A_cancelled_commit_moves_no_file_of_the_unfinished_work()
    {
        using var stop = new CancellationTokenSource();
        var step = Step("a", 1) with
        {
            Run = async (context, _) =>
            {
                Directory.CreateDirectory(context.Output.Unfinished);
                await File.WriteAllTextAsync(Path.Combine(context.Output.Unfinished, "large"), "it came", CancellationToken.None);
                context.Output.Adopt("large");
                await stop.CancelAsync();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new StepRunner(new Silent(), TimeProvider.System, 1, "cpu").RunAsync(step, stop.Token));
        Assert.Equal(["it came"], Directory.EnumerateFiles(step.Folder + "~unfinished", "large", SearchOption.AllDirectories).Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_step_may_have_a_reason_to_run_again_though_nothing_changed()
    {
        var step = Step("a", 1) with { RunsAgain = folder => Directory.Exists(folder) ? "--refresh" : null };
        Assert.True((await Run(step)).Ran);
        Assert.Equal(["--refresh"], (await State(step)).Reasons);
        Assert.True((await Run(step)).Ran);
        Assert.False((await Run(Step("a", 1))).Ran);
    }

    [Fact]
    public async Task When_and_how_long_something_was_fetched_changes_no_hash()
    {
        var step = Step("a", 1);
        async Task<Manifest> Fetched(string when)
        {
            await Run(step with
            {
                Run = async (context, cancellation) =>
                {
                    await File.WriteAllTextAsync(context.Output.PathFor(Manifest.FetchesFileName), when, cancellation);
                    await step.Run(context, cancellation);
                },
                RunsAgain = _ => "--refresh",
            });
            return Manifest.Read(step.Folder);
        }
        var first = await Fetched("today");
        Assert.Equal(first.Content, (await Fetched("tomorrow")).Content);
        Assert.Equal("tomorrow", await File.ReadAllTextAsync(Path.Combine(step.Folder, Manifest.FetchesFileName), _cancellation));
        Assert.Empty(await Verification.CheckAsync(step.Folder, _cancellation));
    }

    [Fact]
    public async Task A_process_that_died_between_the_two_renames_loses_nothing()
    {
        await Run(Step("a", 1));
        var folder = Step("a", 1).Folder;
        Directory.Move(folder, folder + "~previous");
        Directory.CreateDirectory(folder + "~writing");
        Assert.False((await Run(Step("a", 1))).Ran);
        Assert.Equal([folder], Directory.EnumerateDirectories(_workspace.Path));
    }

    [Fact]
    public async Task Verification_names_each_file_that_is_not_as_it_was_written()
    {
        await Run(Step("a", 1));
        var folder = Step("a", 1).Folder;
        Assert.Empty(await Verification.CheckAsync(folder, _cancellation));

        var users = Path.Combine(folder, "users.parquet");
        var bytes = await File.ReadAllBytesAsync(users, _cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(users, bytes, _cancellation);
        Assert.StartsWith($"{users}: has SHA-256", Assert.Single(await Verification.CheckAsync(folder, _cancellation)), StringComparison.Ordinal);

        await File.WriteAllBytesAsync(users, bytes.AsMemory(1), _cancellation);
        Assert.StartsWith($"{users}: has {bytes.Length - 1} bytes", Assert.Single(await Verification.CheckAsync(folder, _cancellation)), StringComparison.Ordinal);

        File.Delete(users);
        await File.WriteAllTextAsync(Path.Combine(folder, "stray.txt"), "", _cancellation);
        Assert.Equal([$"{users}: is missing", $"{Path.Combine(folder, "stray.txt")}: is not in the manifest"],
            await Verification.CheckAsync(folder, _cancellation));
    }

    [Fact]
    public async Task A_finished_artifact_that_lost_a_file_is_made_again()
    {
        await Run(Step("a", 1));
        File.Delete(Path.Combine(Step("a", 1).Folder, "users.parquet"));
        Assert.Equal(["users.parquet is missing or damaged"], (await State(Step("a", 1))).Reasons);
        Assert.True((await Run(Step("a", 1))).Ran);
        Assert.Empty(await Verification.CheckAsync(Step("a", 1).Folder, _cancellation));
    }

    [Fact]
    public async Task An_input_that_was_made_from_other_data_is_refused()
    {
        Step From(string name, params string[] inputs) => Step(name, 0) with { Inputs = inputs.ToDictionary(i => i, i => _workspace.PathOf(i)) };
        await Run(Step("data", 1));
        await Run(From("features", "data"));
        Assert.Equal(StepStatus.WouldRun, (await State(From("model", "data", "features"))).Status);
        await Run(Step("data", 2));
        Assert.Equal(["needs features made from this data; the one that is there was made from another"], (await State(From("model", "data", "features"))).Reasons);
    }

    [Theory]
    [InlineData("damaged", "case, whose users.parquet is missing or damaged")]
    [InlineData("of another version", "case of schema version 1; the one that is there, of version 0, was written by another lmmrec")]
    [InlineData("of other data", "case made from this data; the one that is there was made from another")]
    public async Task An_optional_input_that_cannot_be_used_is_done_without_and_said(string what, string said)
    {
        await Run(Step("data", 1));
        var measured = Step("case", 0) with { Inputs = new Dictionary<string, string> { ["data"] = _workspace.PathOf("data") } };
        await Run(measured);
        var manifest = Path.Combine(measured.Folder, Manifest.FileName);
        if (what == "damaged") File.Delete(Path.Combine(measured.Folder, "users.parquet"));
        else if (what == "of other data") await Run(Step("data", 2));
        else File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 0", StringComparison.Ordinal));

        var compare = Step("compare", 0) with
        {
            Inputs = measured.Inputs,
            Optional = new Dictionary<string, string> { ["case"] = measured.Folder },
            Run = (context, _) =>
            {
                Assert.Equal((true, false), (context.Has("data"), context.Has("case")));
                return Task.CompletedTask;
            },
        };
        Assert.Equal([said], (await State(compare)).Without);
        Assert.True((await Run(compare)).Ran);
    }

    [Fact]
    public async Task An_option_that_is_a_hash_of_files_changes_in_words()
    {
        Step Of(string files) => Step("a", 1) with { Options = new JsonObject { ["pictures"] = Hashing.OfText(files) } };
        await Run(Of("1.jpg 5"));
        Assert.Equal(["option pictures changed: names or sizes of the files"], (await State(Of("1.jpg 6"))).Reasons);
    }

    [Fact]
    public async Task The_manifest_of_a_step_that_runs_graphs_names_device_and_card()
    {
        var step = Step("trained", 1) with { RunsGraphs = true };
        await new StepRunner(new Silent(), TimeProvider.System, 2, "cuda:1", card: "a card").RunAsync(step, _cancellation);
        var runtime = Manifest.Read(step.Folder).Runtime;
        Assert.Equal(("cuda:1", "a card"), (runtime["device"], runtime["card"]));
    }

    [Fact]
    public async Task The_device_is_part_of_what_a_step_that_runs_graphs_is_made_from()
    {
        var step = Step("a", 1) with { RunsGraphs = true };
        await Run(step);
        Assert.Equal(["option device \"cpu\" → \"cuda\""], (await StepState.OfAsync(step, "cuda", _cancellation)).Reasons);
        Assert.Equal(["option cuda.tf32 (none) → true", "option device \"cpu\" → \"cuda\""],
            (await StepState.OfAsync(step, "cuda", _cancellation, new CudaOptions { Tf32 = true, MemoryLimit = 512 })).Reasons); // memory changes no byte
        Assert.Equal(StepStatus.Done, (await StepState.OfAsync(step, "cpu", _cancellation, new CudaOptions { Tf32 = true })).Status);
    }

    [Fact]
    public async Task Too_many_failures_are_judged_by_the_present_threshold_also_when_the_step_is_skipped()
    {
        Step With(int allowed) => Step("a", 1) with
        {
            Run = (context, _) =>
            {
                context.Output.Facts["failed"] = 3;
                return Task.CompletedTask;
            },
            TooManyFailed = facts => (int)facts["failed"]! > allowed ? "3 failed" : null,
        };
        Assert.Equal("3 failed", (await Run(With(2))).TooManyFailed);
        Assert.Equal((false, "3 failed"), await Run(With(2)) is var again ? (again.Ran, again.TooManyFailed) : default);
        Assert.Null((await Run(With(3))).TooManyFailed);
    }

    [Fact]
    public async Task A_manifest_whose_recipe_was_edited_is_found_out()
    {
        await Run(Step("a", 1));
        var path = Path.Combine(Step("a", 1).Folder, Manifest.FileName);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, _cancellation)).Replace("\"value\": 1", "\"value\": 2", StringComparison.Ordinal), _cancellation);
        Assert.Contains("fingerprint", Assert.Single(await Verification.CheckAsync(Step("a", 1).Folder, _cancellation)), StringComparison.Ordinal);
    }

    private Step Step(string name, int value) => new(
        name, _workspace.PathOf(name), 1, new JsonObject { ["value"] = value }, new Dictionary<string, string>(),
        (context, cancellation) => context.Output.WriteTableAsync([new UserRow(value, "u")], cancellation));

    private static void Rewrite(Step step, string before, string after)
    {
        var manifest = Path.Combine(step.Folder, Manifest.FileName);
        Assert.Contains(before, File.ReadAllText(manifest), StringComparison.Ordinal);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(before, after, StringComparison.Ordinal));
    }

    private Task<StepOutcome> Run(Step step) => new StepRunner(new Silent(), TimeProvider.System, 2, "cpu").RunAsync(step, _cancellation);

    private Task<StepState> State(Step step) => StepState.OfAsync(step, "cpu", _cancellation);

    private sealed class Silent : IProgressSink
    {
        public IProgressTask Start(string what, long? total) => throw new UnreachableException();

        public void Note(string line)
        {
        }
    }
}
