using System.Text.Json.Nodes;
using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;

namespace LmmRec.Runs.Tests;

public sealed class CollectionTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    private RunStore Store => new(_workspace.Path);

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_last_runs_and_the_tagged_ones_stay_with_all_that_their_artifacts_were_made_from()
    {
        // a → b → c, each run with another option of a, so that all three are made anew.
        var (runs, made) = (new List<string>(), new List<string[]>());
        for (var run = 1; run <= 4; run++)
        {
            await RunAsync(Chain(run));
            runs.Add(Store.List()[^1].Id);
            made.Add([.. "abc".Select(name => Manifest.IdOf(_workspace.PathOf($"data/{name}"))!)]);
        }
        Store.Tag(Store.List()[0], "good");

        var plan = Collection.Plan(_workspace.Path, keepRuns: 2);
        Assert.Equal([runs[1]], plan.Runs.Select(run => run.Id));
        Assert.Equal(made[1].Order(StringComparer.Ordinal), plan.Artifacts.Select(artifact => Path.GetFileName(artifact.Folder)));
        Assert.Equal(plan.Artifacts.Sum(artifact => Directory.EnumerateFiles(artifact.Folder).Sum(path => new FileInfo(path).Length)), plan.Bytes);
        plan.Run(() => { }, _cancellation);
        Assert.Equal([runs[0], runs[2], runs[3]], Store.List().Select(run => run.Id));
        Assert.Equal(made[0].Concat(made[2]).Order(StringComparer.Ordinal), new KeptArtifacts(_workspace.Path).Folders.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((0, 0), Collection.Plan(_workspace.Path, 2) is var again ? (again.Runs.Count, again.Artifacts.Count) : default);
    }

    [Fact]
    public async Task What_a_kept_artifact_was_made_from_stays_though_no_run_that_stays_names_it()
    {
        await RunAsync(Chain(1));
        var (a, b) = (Manifest.IdOf(_workspace.PathOf("data/a"))!, Manifest.IdOf(_workspace.PathOf("data/b"))!);
        await RunAsync(Chain(1)[1..2]); // names b alone
        Store.Tag(Store.List()[1], "b");
        await RunAsync(Chain(2));
        Collection.Plan(_workspace.Path, keepRuns: 1).Run(() => { }, _cancellation);
        Assert.Equal(new[] { a, b }.Order(StringComparer.Ordinal), new KeptArtifacts(_workspace.Path).Folders.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unfinished_work_goes_when_no_run_that_stays_would_go_on_with_it_and_half_written_folders_go_at_once()
    {
        await RunAsync(Chain(1));
        await RunAsync(Chain(1)[0] with { Folder = _workspace.PathOf("data/x"), Run = (_, _) => throw new InvalidInputException("no") });
        Directory.CreateDirectory(_workspace.PathOf("data/x~unfinished/state"));
        Directory.CreateDirectory(_workspace.PathOf("data/a~unfinished/state"));
        Directory.CreateDirectory(_workspace.PathOf("data/y~writing/inner~writing"));
        Directory.CreateDirectory(_workspace.PathOf("kept/old~leaving"));
        Assert.Equal(["data/a~unfinished", "data/y~writing", "kept/old~leaving"], Leftovers(keepRuns: 2));
        Assert.Equal(["data/a~unfinished", "data/y~writing", "kept/old~leaving"], Leftovers(keepRuns: 1));
        await RunAsync(Chain(2));
        Collection.Plan(_workspace.Path, keepRuns: 1).Run(() => { }, _cancellation);
        Assert.Equal(["a", "b", "c", "x~failed"], Directory.EnumerateFileSystemEntries(_workspace.PathOf("data")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        IEnumerable<string> Leftovers(int keepRuns) => Collection.Plan(_workspace.Path, keepRuns).Leftovers.Select(leftover => Path.GetRelativePath(_workspace.Path, leftover.Folder));
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_lets_nothing_be_removed()
    {
        await RunAsync(Chain(1));
        await RunAsync(Chain(2));
        await File.WriteAllTextAsync(_workspace.PathOf("data/c/manifest.json"), "{", _cancellation);
        Assert.Contains("data/c/manifest.json", Assert.Throws<InvalidInputException>(() => Collection.Plan(_workspace.Path, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_closure_is_that_of_a_model_that_follows_every_hash() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 2].List[0, 40], Gen.Bool.Array[12]).Sample((count, draws, isRoot) =>
        {
            // Artifact n is made of some of those before it, of each either as a whole or of one of its two tables.
            var drawn = 0;
            var all = new List<Manifest>();
            var edges = new List<(int From, int To)>();
            for (var n = 0; n < count; n++)
            {
                var (inputs, reads) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));
                for (var m = 0; m < n; m++)
                {
                    var draw = drawn < draws.Count ? draws[drawn++] : 0;
                    if (draw == 0) continue;
                    edges.Add((n, m));
                    if (draw == 2) reads[$"i{m}"] = ["t"];
                    inputs[$"i{m}"] = all[m].ContentOf(draw == 2 ? ["t"] : null);
                }
                var files = new SortedDictionary<string, ManifestFile>(StringComparer.Ordinal) { ["t.parquet"] = new(1, $"t{n}"), ["u.parquet"] = new(1, $"u{n}") };
                all.Add(new Manifest(1, "", Manifest.ContentOf(files), new Recipe($"s{n}", 1, new JsonObject(), inputs) { Reads = reads.Count > 0 ? reads : null }, [], [], files));
            }
            var model = Enumerable.Range(0, count).Where(n => isRoot[n]).ToHashSet();
            while (edges.Any(edge => model.Contains(edge.From) && model.Add(edge.To)))
            {
            }
            var closure = Provenance.Closure(Enumerable.Range(0, count).Where(n => isRoot[n]), [.. Enumerable.Range(0, count)], n => all[n]);
            Assert.Equal(model.Order(), closure.Order());
        }, iter: 500);

    private Step[] Chain(int option) => [Step("a", option), Step("b", 0, "a"), Step("c", 0, "b")];

    private Step Step(string name, int option, params string[] inputs) =>
        new(name, Folder(name), 1, new JsonObject { ["option"] = option }, inputs.ToDictionary(input => input, Folder), async (context, cancellation) =>
            await File.WriteAllTextAsync(context.Output.PathFor("file"), context.Output.Recipe.Fingerprint, cancellation));

    private string Folder(string name) => _workspace.PathOf($"data/{name}");

    private async Task RunAsync(params Step[] steps)
    {
        var recorder = RunRecorder.Begin(_workspace.Path, TimeProvider.System, "run", steps, record => record, _ => { });
        var progress = new Silence();
        var runner = new StepRunner(progress, TimeProvider.System, 1, "cpu") { Kept = new KeptArtifacts(_workspace.Path) };
        await new StepSchedule(runner, 1, 1, progress, e => e is InvalidInputException ? "input" : null, [recorder]).RunAsync(steps, _cancellation);
        recorder.End(new RunOutcome(0, "all is done"));
    }
}
