using LmmRec.Artifacts;
using LmmRec.Cli;
using LmmRec.Cli.Commands;
using LmmRec.Ingest;

namespace LmmRec.EndToEnd;

/// <summary>The section <c>experiment</c>: several data sets in one workspace, and cases that are left out.</summary>
public sealed class ExperimentTests : IDisposable
{
    // Two shops, and encoders that fill one slot each.
    private const string Two = """
        { "dataset": { "source": "mmrec" }, "ingest": { "core": 1, "split": { "kind": "given" } },
          "encoders": [{ "name": "image", "slot": "visual" }, { "name": "audio", "slot": "textual" }],
          "train": { "recommenders": ["bpr", "vbpr"], "modalities": ["v", "t", "vt"] },
          "experiment": { "datasets": [{ "dataset": { "name": "tiktok" }, "data": "t" }, { "dataset": { "name": "kwai" } }], "exclude": EXCLUDE } }
        """;

    private static readonly string[] Quick = ["--set", "train.epochs=1", "--set", "train.options={}"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_data_set_has_what_the_sections_of_all_say_but_where_it_says_something_else()
    {
        var datasets = Load("""
            { "dataset": { "source": "table", "interactions": { "files": "a.csv", "columns": { "user": "u", "item": "i" } } }, "ingest": { "core": 2 },
              "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b", "interactions": { "files": "b.csv" } }, "ingest": { "core": 3 }, "data": "deep/b" }] } }
            """).Options.Datasets;
        Assert.Equal(["a", "b"], datasets.Select(d => d.Dataset.FolderName));
        Assert.Equal([2, 3], datasets.Select(d => d.Ingest.Core));
        Assert.Equal(["a.csv", "b.csv"], datasets.Select(d => d.Dataset.Interactions!.Files.Single()));
        Assert.Equal(["u", "u"], datasets.Select(d => d.Dataset.Interactions!.Columns.User));
        Assert.Equal([null, "deep/b"], datasets.Select(d => d.Data));
    }

    [Fact]
    public void Without_data_sets_there_is_the_one_that_the_configuration_names() =>
        Assert.Equal(("sample", 5, DatasetSource.Sample), Load("{}").Options.Datasets.Select(d => (d.Dataset.FolderName, d.Ingest.Core, d.Dataset.Source)).Single());

    [Fact]
    public void Samples_alone_extend_the_samples_configuration_and_other_data_do_not()
    {
        Assert.NotEmpty(Load("""{ "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b", "seed": 8 } }] } }""").Options.Encoders);
        Assert.Empty(Load("""{ "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b", "source": "lattice" } }] } }""").Options.Encoders);
    }

    [Theory]
    [InlineData("""{ "ingest": { "core": 0 }, "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b" } }] } }""", "ingest.core: 0 is out of range; allowed 1 to 1000")]
    [InlineData("""{ "dataset": { "sed": 1 }, "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b" } }] } }""", "dataset.sed: unknown key; did you mean 'seed'?")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "name": "a", "sed": 1 } }] } }""", "experiment.datasets.0.dataset.sed: unknown key; did you mean 'seed'?")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "seed": 2, "name": "a" } }] } }""", "experiment.datasets: two data sets would both lie in the folder 'a'")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "name": "report" } }] } }""", "experiment.datasets.0.dataset.name: \"report\" is where the report lies")]
    [InlineData("""{ "dataset": { "name": "report" } }""", "dataset.name: \"report\" is where the report lies")]
    [InlineData("""{ "dataset": { "name": "runs" } }""", "dataset.name: \"runs\" is where the records of runs lie")]
    [InlineData("""{ "dataset": { "name": "kept" } }""", "dataset.name: \"kept\" is where replaced artifacts lie")]
    [InlineData("""{ "dataset": { "name": "locks" } }""", "dataset.name: \"locks\" is where locks lie")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "source": "lattice", "name": "a" }, "data": "/a" }] } }""", "experiment.datasets.0.data: \"/a\" must lie in the data folder")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "source": "lattice" } }] } }""", "experiment.datasets.0.dataset.name: is required for source 'lattice'")]
    [InlineData("""{ "experiment": { "datasets": ["baby"] } }""", "experiment.datasets.0: \"baby\" is not an object")]
    [InlineData("""{ "experiment": { "exclude": [{ "recommender": "vbpt" }] } }""", "experiment.exclude.0.recommender: unknown recommender 'vbpt'; did you mean 'vbpr'?")]
    [InlineData("""{ "experiment": { "exclude": [{ "encoder": "clip-smal" }] } }""", "experiment.exclude.0.encoder: unknown encoder 'clip-smal'; did you mean 'clip-small'?")]
    [InlineData("""{ "experiment": { "exclude": [{ "dataset": "sampel" }] } }""", "experiment.exclude.0.dataset: unknown data set 'sampel'; did you mean 'sample'?")]
    [InlineData("""{ "experiment": { "exclude": [{ "paradigm": ["pt", "tf"] }] } }""", "experiment.exclude.0.paradigm.1: unknown value 'tf'; did you mean 'ft'?")]
    [InlineData("""{ "experiment": { "exclude": [{ "modalities": "tv" }] } }""", "experiment.exclude.0.modalities.0: \"tv\" is not allowed; allowed: v, t, vt")]
    [InlineData("""{ "experiment": { "exclude": [{ "model": "bpr" }] } }""", "experiment.exclude.0.model: unknown key")]
    [InlineData("""{ "experiment": { "search": { "kind": "randon" } } }""", "experiment.search.kind: unknown value 'randon'; did you mean 'random'?")]
    [InlineData("""{ "experiment": { "search": { "kind": "random" } } }""", "experiment.search.trials: is required for kind \"random\"")]
    public void A_fault_is_told_once_of_the_key_that_was_written(string json, string fault)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(json));
        Assert.StartsWith(fault, Assert.Single(error.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shared_value_that_no_data_set_uses_is_warned_of_once_and_one_that_some_use_is_not()
    {
        const string Datasets = """, "experiment": { "datasets": [{ "dataset": { "name": "a" } }, { "dataset": { "name": "b", "source": "lattice" } }] }""";
        Assert.Empty(Load("""{ "ingest": { "core": 4 }, "dataset": { "seed": 3 }""" + Datasets + "}").Warnings);
        var warning = Assert.Single(Load("""{ "dataset": { "category": "Baby" }""" + Datasets + "}").Warnings);
        Assert.StartsWith("dataset.category: is not used: ", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "train": { "options": { "vbpr": { "reg": 0.1 } } }, "experiment": { "search": { "kind": "halving" } } }""", "experiment.search: is not used: train.options holds no list to choose from")]
    [InlineData("""{ "experiment": { "search": { "kind": "grid", "trials": 3 } } }""", "experiment.search.trials: is not used: a grid is trained as a whole")]
    public void A_search_that_has_nothing_to_choose_from_is_warned_of(string json, string warning) => Assert.Contains(warning, Load(json).Warnings);

    [Fact]
    public void A_case_that_agrees_with_every_key_of_an_entry_is_left_out_and_so_is_what_it_alone_would_use()
    {
        var pipeline = Wire(Two.Replace("EXCLUDE", """[{ "modalities": ["t", "vt"], "dataset": "kwai" }, { "recommender": "bpr", "dataset": "tiktok" }]""", StringComparison.Ordinal));
        Assert.Equal(
            ["tiktok/train/vbpr-image-pt-v-s999", "tiktok/train/vbpr-audio-pt-t-s999", "tiktok/train/vbpr-image+audio-pt-vt-s999", "kwai/train/bpr-s999", "kwai/train/vbpr-image-pt-v-s999"],
            Titles(pipeline, "train"));
        Assert.Equal(["tiktok/featurize/image", "tiktok/featurize/audio", "kwai/featurize/image"], Titles(pipeline, "featurize"));
        Assert.Equal(Path.Combine("artifacts", "kwai", "models", "bpr-s999"), pipeline.Stages.Single(stage => stage.Name == "train").Steps()[3].Folder);
        Assert.Empty(pipeline.Warnings);
    }

    [Theory]
    [InlineData("""{ "encoder": "image" }""", "vbpr-audio-pt-t-s999")]
    [InlineData("""{ "encoder": "image+audio" }""", "vbpr-image-pt-v-s999", "vbpr-audio-pt-t-s999")]
    [InlineData("""{ "paradigm": "pt", "modalities": ["v", "vt"] }""", "vbpr-audio-pt-t-s999")]
    [InlineData("""{ "recommender": "vbpr" }""")]
    public void A_recommender_without_content_has_no_encoder_to_agree_with(string exclusion, params string[] remaining) =>
        Assert.Equal(
            ["kwai/train/bpr-s999", .. remaining.Select(name => $"kwai/train/{name}")],
            Titles(Wire(Two.Replace("EXCLUDE", $"[{exclusion}]", StringComparison.Ordinal)), "train").Where(title => title.StartsWith("kwai", StringComparison.Ordinal)));

    [Fact]
    public void Features_of_which_a_control_is_made_are_made_though_no_case_uses_them()
    {
        var json = Two.Replace("\"visual\"", "\"visual\", \"controls\": [\"shuffled\"]", StringComparison.Ordinal);
        var pipeline = Wire(json.Replace("EXCLUDE", """[{ "encoder": "image" }, { "encoder": "audio" }]""", StringComparison.Ordinal));
        Assert.Equal(["kwai/train/bpr-s999", "kwai/train/vbpr-image-shuffled-pt-v-s999"], Titles(pipeline, "train").Where(title => title.StartsWith("kwai", StringComparison.Ordinal)));
        Assert.Equal(["kwai/featurize/image", "kwai/featurize/image-shuffled"], Titles(pipeline, "featurize").Where(title => title.StartsWith("kwai", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_entry_that_agrees_with_no_case_is_warned_of_and_refused_on_the_command_line()
    {
        const string Entry = """[{ "recommender": "bpr" }, { "recommender": "bpr", "modalities": "v" }]""";
        Assert.Equal(["experiment.exclude.1: is not used: no case agrees with it"], Wire(Two.Replace("EXCLUDE", Entry, StringComparison.Ordinal)).Warnings);
        var error = Assert.Throws<ConfigurationException>(() => Wire(Two.Replace("EXCLUDE", "[]", StringComparison.Ordinal), $"experiment.exclude={Entry}"));
        Assert.Equal(["experiment.exclude.1: is not used: no case agrees with it"], error.Faults);
    }

    [Theory]
    [InlineData("""{ "dataset": "kwai" }""", "kwai")]
    [InlineData("{}", "tiktok")]
    public void To_leave_every_case_of_a_data_set_out_is_refused(string exclusion, string dataset)
    {
        var error = Assert.Throws<ConfigurationException>(() => Wire(Two.Replace("EXCLUDE", $"[{exclusion}]", StringComparison.Ordinal)));
        Assert.StartsWith($"experiment.exclude: leaves no case of data set '{dataset}'", Assert.Single(error.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recommender_that_fuses_modalities_stands_beside_single_ones_where_these_cases_are_left_out()
    {
        var json = Two.Replace("\"vbpr\"", "\"mgcn\"", StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => Wire(json.Replace("EXCLUDE", """[{ "recommender": "mgcn", "modalities": "v" }]""", StringComparison.Ordinal)));
        Assert.Equal(
            ["kwai/train/bpr-s999", "kwai/train/mgcn-image+audio-pt-vt-s999"],
            Titles(Wire(json.Replace("EXCLUDE", """[{ "recommender": "mgcn", "modalities": ["v", "t"] }]""", StringComparison.Ordinal)), "train").Where(title => title.StartsWith("kwai", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_data_set_that_comes_to_another_leaves_its_artifacts_valid()
    {
        (await RunAsync("run", "--set", "dataset.name=first")).Expect(0);
        const string Both = """experiment.datasets=[{ "dataset": { "name": "first" } }, { "dataset": { "name": "second", "seed": 8 } }]""";
        var ended = (await RunAsync("run", "--set", Both)).Expect(0);
        Assert.Contains("first/train/bpr-s999: nothing changed, skipped", ended.Error, StringComparison.Ordinal);
        Assert.Contains("second/train/bpr-s999: runs (there is no artifact yet)", ended.Error, StringComparison.Ordinal);
        Assert.Contains("second: train bpr-s999: ", ended.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.PathOf("artifacts/second/models/bpr-s999/manifest.json")));

        var status = (await RunAsync("status", "--set", Both)).Expect(0);
        foreach (var step in new[] { "first/ingest", "second/ingest", "first/train/bpr-s999", "second/train/bpr-s999" }) Assert.Contains(step, status.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("would run", status.Output, StringComparison.Ordinal);
        (await RunAsync("verify")).Expect(0);
        Assert.Contains("second:\ninteractions: ", (await RunAsync("ingest", "--dry-run", "--set", Both)).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("it has: first/clip-small, second/clip-small", (await RunAsync("export", "features", "clip-small", "--set", Both)).Expect(1).Error, StringComparison.Ordinal);
    }

    private Task<Ended> RunAsync(string command, params string[] arguments) =>
        Lmmrec.RunAsync(_folder.Path, [command, .. arguments, .. command is "verify" ? Array.Empty<string>() : Quick]);

    private Pipeline Wire(string json, params string[] overrides) => Pipeline.From(Load(json, overrides), new PipelineOptions(null, 1, 1, "cpu", AskAgain.Nothing, false, null, false, null));

    private EffectiveConfiguration Load(string json, params string[] overrides)
    {
        var file = _folder.PathOf("pipeline.json");
        File.WriteAllText(file, json);
        return EffectiveConfiguration.Load(file, null, overrides);
    }

    private static IEnumerable<string> Titles(Pipeline pipeline, string stage) => pipeline.Stages.Single(s => s.Name == stage).Steps().Select(step => step.Title);
}
