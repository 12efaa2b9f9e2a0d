using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Artifacts.Tests;

public sealed class ConfigurationTests
{
    public enum Kind
    {
        Random,
        UserTime,
    }

    public sealed record Outer
    {
        [Range(1, 100)] public int Epochs { get; init; } = 20;
        public Kind Kind { get; init; }
        public string? Name { get; init; }
        [Range(1, 1000)] public IReadOnlyList<int> Cutoffs { get; init; } = [10, 20];
        public IReadOnlyList<Inner> Encoders { get; init; } = [];
        public Inner Inner { get; init; } = new();
        public JsonObject Options { get; init; } = [];
    }

    public sealed record Inner : IChecked
    {
        public string? Card { get; init; }
        public string? Slot { get; init; }
        [Range(0.0, 1.0)] public double Share { get; init; } = 0.5;

        public IEnumerable<(string Key, string Fault)> Faults()
        {
            if (Card is not null && Slot is not null) yield return ("slot", "is not allowed beside card");
        }
    }

    [Fact]
    public void What_the_file_does_not_say_keeps_its_default()
    {
        var options = Bind("""{ /* why */ "cutoffs": [5], "kind": "user-time", "inner": { "share": 0.25 }, }""");
        Assert.Equal((20, Kind.UserTime, 0.25), (options.Epochs, options.Kind, options.Inner.Share));
        Assert.Equal([5], options.Cutoffs);
    }

    [Fact]
    public void All_faults_are_listed_at_once_each_with_its_key()
    {
        var faults = FaultsOf("""
            { "epoch": 3, "epochs": 0, "kind": "randon", "cutoffs": [10, 2000], "name": 5, "encoders": [{ "card": "a", "slot": "b" }, { "shar": 1 }],
              "inner": { "share": 1.5 } }
            """);
        Assert.Equal(
            [
                "epoch: unknown key; did you mean 'epochs'? (allowed: cutoffs, encoders, epochs, inner, kind, name, options)",
                "epochs: 0 is out of range; allowed 1 to 100",
                "kind: unknown value 'randon'; did you mean 'random'? (allowed: random, user-time)",
                "cutoffs.1: 2000 is out of range; allowed 1 to 1000",
                "name: 5 is not a string",
                "encoders.0.slot: is not allowed beside card",
                "encoders.1.shar: unknown key; did you mean 'share'? (allowed: card, share, slot)",
                "inner.share: 1.5 is out of range; allowed 0 to 1",
            ], faults);
    }

    [Theory]
    [InlineData("""{ "epochs": 2.5 }""", "epochs: 2.5 is not a whole number")]
    [InlineData("""{ "epochs": "2" }""", "epochs: \"2\" is not a whole number")]
    [InlineData("""{ "epochs": 99999999999 }""", "epochs: 99999999999 is not a whole number")]
    [InlineData("""{ "epochs": null }""", "epochs: null is not a whole number")]
    [InlineData("""{ "cutoffs": 5 }""", "cutoffs: 5 is not a list; write [5]")]
    [InlineData("""{ "cutoffs": "x" }""", "cutoffs: \"x\" is not a list of whole numbers, such as [1, 2]")]
    [InlineData("""{ "encoders": {} }""", "encoders: {} is not a list; write [{}]")]
    [InlineData("""{ "encoders": 5 }""", "encoders: 5 is not a list of objects, such as [{ … }]")]
    [InlineData("""{ "cutoffs": [3000, "x"] }""", "cutoffs.1: \"x\" is not a whole number")]
    [InlineData("""{ "inner": 5 }""", "inner: 5 is not an object { … }")]
    public void A_value_of_the_wrong_type_says_which_one_is_right(string json, string fault) => Assert.Equal([fault], FaultsOf(json));

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{ "a": 1, "a": 2 }""")]
    [InlineData("""{ "a": { "b": 1, "b": 2 } }""")]
    public void What_is_no_JSON_object_is_refused_by_name(string json)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(json, "pipeline.json"));
        Assert.StartsWith("pipeline.json: ", error.Message, StringComparison.Ordinal);
    }

    private static Outer Bind(string json) => ConfigurationBinder.Bind<Outer>(ConfigurationFile.Parse(json, "test"));

    private static IReadOnlyList<string> FaultsOf(string json) => Assert.Throws<ConfigurationException>(() => Bind(json)).Faults;
}
