using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Json.Schema;
using LmmRec.Artifacts.Configuration;
using LmmRec.Cli;
using LmmRec.Cli.Schema;

namespace LmmRec.EndToEnd;

/// <summary>The schema of a configuration: what an editor marks is what the command refuses.</summary>
public sealed partial class SchemaTests : IDisposable
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(PipelineSchema.Text());

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Configurations => [.. Files().Select(file => Path.GetRelativePath(Beside.Checkout, file))];

    [Fact]
    public async Task The_schema_in_the_repository_is_what_the_command_prints()
    {
        var printed = (await Lmmrec.RunAsync(_folder.Path, "schema")).Expect(0).Output;
        var path = Path.Combine(Beside.Checkout, "schema", "pipeline.json");

        // To bring the schema up to date: LMMREC_WRITE_DOCS=1 dotnet test --project tests/EndToEnd
        if (Environment.GetEnvironmentVariable("LMMREC_WRITE_DOCS") == "1") await File.WriteAllTextAsync(path, printed, TestContext.Current.CancellationToken);
        else Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), printed);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Every_configuration_of_the_repository_fits_the_schema(string file)
    {
        var json = ConfigurationFile.Parse(File.ReadAllText(Path.Combine(Beside.Checkout, file)), file);
        Assert.True(Allows(json), file);
    }

    [Fact]
    public void Examples_name_the_schema_where_it_lies()
    {
        Assert.All(Files().Where(file => !file.Contains("Experiments", StringComparison.Ordinal)), file => // what a command writes gets the name then
        {
            var named = (string?)ConfigurationFile.Parse(File.ReadAllText(file), file)[PipelineSchema.Key];
            Assert.True(named is not null && File.Exists(Path.Combine(Path.GetDirectoryName(file)!, named)), $"{file}: {named}");
        });
    }

    [Theory]
    [InlineData("experiments", "paper")]
    [InlineData("init", "--interactions", "orders.csv", "--column", "interactions.user=a", "--column", "interactions.item=b")]
    public async Task What_a_command_writes_names_a_schema_that_lies_beside_it_and_fits_it(params string[] command)
    {
        await File.WriteAllTextAsync(_folder.PathOf("orders.csv"), "a;b\nx;1\ny;2\n", TestContext.Current.CancellationToken);
        Assert.Contains("wrote mine.json, and pipeline.schema.json for editors; ", (await Lmmrec.RunAsync(_folder.Path, [.. command, "-o", "mine.json"])).Expect(0).Output, StringComparison.Ordinal);

        var json = ConfigurationFile.Parse(await File.ReadAllTextAsync(_folder.PathOf("mine.json"), TestContext.Current.CancellationToken), "mine.json");
        Assert.Equal("./pipeline.schema.json", (string?)json[PipelineSchema.Key]);
        Assert.Equal(PipelineSchema.Text(), await File.ReadAllTextAsync(_folder.PathOf("pipeline.schema.json"), TestContext.Current.CancellationToken));
        Assert.True(Allows(json));
        (await Lmmrec.RunAsync(_folder.Path, "config", "--config", "mine.json")).Expect(0);
    }

    [Theory]
    [InlineData("""{ "dataset": { "sead": 7 } }""")]
    [InlineData("""{ "train": { "epochs": "many" } }""")]
    [InlineData("""{ "train": { "epochs": 0 } }""")]
    [InlineData("""{ "train": { "epochs": 1.5 } }""")]
    [InlineData("""{ "train": { "seeds": 1 } }""")]
    [InlineData("""{ "train": { "seeds": [] } }""")]
    [InlineData("""{ "train": { "modalities": ["vtv"] } }""")]
    [InlineData("""{ "train": { "recommenders": ["bqr"] } }""")]
    [InlineData("""{ "train": { "options": { "bqr": {} } } }""")]
    [InlineData("""{ "train": { "options": { "vbpr": { "reg": [0.1, -1] } } } }""")]
    [InlineData("""{ "train": { "options": { "vbpr": { "layers": 2 } } } }""")]
    [InlineData("""{ "train": { "options": { "vbpr": { "reg": [] } } } }""")]
    [InlineData("""{ "train": { "missing": "men" } }""")]
    [InlineData("""{ "dataset": { "source": "amazon2014" } }""")]
    [InlineData("""{ "dataset": { "seed": null } }""")]
    [InlineData("""{ "dataset": { "seed": 3000000000 } }""")]
    [InlineData("""{ "ingest": { "contact": "\u0007" } }""")]
    [InlineData("""{ "ingest": [] }""")]
    [InlineData("""{ "encoders": [{ "card": "clip-small" }] }""")]
    [InlineData("""{ "encoders": [{ "name": "a", "card": "clip-small", "precision": "halve" }] }""")]
    [InlineData("""{ "encoders": [{ "name": "a", "card": "clip-small", "tune": { "heldOut": 0.6 } }] }""")]
    [InlineData("""{ "evaluate": { "cutoffs": [1001] } }""")]
    [InlineData("""{ "evaluate": { "margin": 0 } }""")]
    [InlineData("""{ "experiment": { "datasets": [{ "dataset": { "sead": 7 } }] } }""")]
    [InlineData("""{ "experiment": { "exclude": [{ "modalities": [] }] } }""")]
    [InlineData("""{ "workspace": 5 }""")]
    public void What_the_command_refuses_by_key_type_range_or_name_the_schema_refuses(string json)
    {
        var parsed = ConfigurationFile.Parse(json, "");
        Assert.NotEmpty(ConfigurationBinder.TryBind(typeof(PipelineConfiguration), parsed, "").Faults);
        Assert.False(Allows(parsed));
    }

    [Theory]
    [InlineData("""{ "$schema": "https://example.com/schema.json", "train": { "options": { "vbpr": { "reg": 0.1, "epochs": [1, 2] } } } }""")]
    [InlineData("""{ "experiment": { "exclude": [{ "seed": 1, "recommender": ["bpr", "vbpr"], "paradigm": "ft" }], "datasets": [{ "dataset": { "name": "a", "items": { "images": "{id}.jpg" } } }] } }""")]
    [InlineData("""{ "encoders": [{ "name": "a", "slot": null, "card": "clip-small" }], "dataset": { "seed": 7.0 } }""")]
    public void A_value_for_a_list_of_one_a_section_that_goes_on_elsewhere_and_null_where_it_may_stand_fit_the_schema(string json) =>
        Assert.True(Allows(ConfigurationFile.Parse(json, "")));

    [Fact]
    public void What_fits_the_schema_has_no_key_type_range_or_name_that_the_command_refuses()
    {
        var examples = Files().Select(file => ConfigurationFile.Parse(File.ReadAllText(file), file)).ToArray();
        var fitting = 0;
        Gen.Select(Gen.Int[0, examples.Length - 1], Gen.Select(Gen.UInt, Gen.Int[0, Edits.Length - 1]).Array[1, 3]).Sample((example, edits) =>
        {
            var json = (JsonObject)examples[example].DeepClone();
            foreach (var (place, kind) in edits) Edit(json, place, Edits[kind]);
            if (!Allows(json)) return;
            Interlocked.Increment(ref fitting);
            json.Remove(PipelineSchema.Key);
            Assert.DoesNotContain(ConfigurationBinder.TryBind(typeof(PipelineConfiguration), json, "").Faults, fault => OfOneValue().IsMatch(fault));
        }, iter: 5000);
        Assert.True(fitting > 200, $"only {fitting} of 5000 configurations fitted the schema: the edits say little");
    }

    // What takes the place of a value.
    private static readonly Func<JsonNode?, JsonNode?>[] Edits =
    [
        _ => null, _ => true, _ => -1, _ => 0, _ => 0.5, _ => 2, _ => 1e9, _ => "", _ => "vt", _ => "none", _ => new JsonArray(), _ => new JsonObject(),
        value => new JsonArray(value?.DeepClone()), value => new JsonObject { ["seed"] = value?.DeepClone() }, value => value is JsonArray { Count: > 0 } list ? list[0]?.DeepClone() : value?.DeepClone(),
        value => Number(value) * 2, value => Number(value) / 2, value => Number(value) + 1, value => Number(value) - 1, value => value is JsonArray list ? new JsonArray([.. list.Concat(list).Select(element => element?.DeepClone())]) : value?.DeepClone(),
    ];

    private static double Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : 1;

    private static void Edit(JsonObject json, uint place, Func<JsonNode?, JsonNode?> edit)
    {
        var places = Places(json).ToList();
        if (places.Count == 0) return;
        var (parent, key, index) = places[(int)(place % (uint)places.Count)];
        if (parent is JsonArray list) list[index] = edit(list[index]);
        else parent[key] = edit(parent[key]);
    }

    private static IEnumerable<(JsonNode Parent, string Key, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend((members, member.Key, 0))),
        JsonArray list => list.SelectMany((element, i) => Places(element).Prepend((list, "", i))),
        _ => [],
    };

    private static IEnumerable<string> Files() => new[] { "examples", "src/Cli/Experiments" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Beside.Checkout, folder), "*.json"))
        .Append(Path.Combine(Beside.Checkout, "pipeline.json")).Order(StringComparer.Ordinal);

    private static bool Allows(JsonObject json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    // The binder's own faults; those of rules across keys have other words.
    [GeneratedRegex(": unknown (key|value)|is out of range; allowed|is not (an? |true or false|one of )|needs at least|is not allowed; allowed:|is an empty list")]
    private static partial Regex OfOneValue();
}
