using LmmRec.Artifacts.Configuration;

namespace LmmRec.Artifacts.Tests;

public sealed class ConfigurationLayersTests
{
    public sealed record Shop : IChecked
    {
        public string Source { get; init; } = "sample";
        public int Seed { get; init; } = 7;
        public IReadOnlyList<int> Cutoffs { get; init; } = [10, 20];
        public Pictures Images { get; init; } = new();
        public IReadOnlyList<Pictures> Encoders { get; init; } = [];

        public IEnumerable<(string Key, string Why)> Unused()
        {
            if (Source == "folder") yield return ("seed", "a folder is not drawn");
            if (Source == "folder") yield return ("images", "a folder has no pictures");
        }
    }

    public sealed record Pictures
    {
        public string Name { get; init; } = "";
        public int Retries { get; init; } = 4;
        public int Hosts { get; init; } = 8;
    }

    private readonly ConfigurationLayers _layers = new();

    [Fact]
    public void A_later_layer_changes_what_it_names_and_leaves_the_rest()
    {
        Add("""{ "seed": 1, "images": { "retries": 2, "hosts": 3 }, "cutoffs": [5, 10] }""", Origin.Base);
        Add("""{ "images": { "hosts": 4 }, "cutoffs": [7] }""", Origin.File);
        var (shop, _, _) = _layers.Bind<Shop>();
        Assert.Equal((1, 2, 4), (shop.Seed, shop.Images.Retries, shop.Images.Hosts));
        Assert.Equal([7], shop.Cutoffs);
    }

    [Fact]
    public void Every_value_knows_the_layer_that_it_came_from()
    {
        Add("""{ "seed": 1, "images": { "retries": 2 }, "encoders": [{ "name": "a" }] }""", Origin.Base);
        Add("""{ "images": { "hosts": 3 }, "encoders": [{ "name": "b", "hosts": 1 }] }""", Origin.File);
        _layers.Override("encoders.0.hosts=2");
        Assert.Equal(
            [Origin.Base, Origin.Base, Origin.File, Origin.File, Origin.CommandLine, Origin.Default, Origin.Default],
            new[] { "seed", "images.retries", "images.hosts", "encoders.0.name", "encoders.0.hosts", "encoders.0.retries", "source" }.Select(_layers.OriginOf));
    }

    [Fact]
    public void Elements_of_a_list_take_what_they_do_not_say_from_the_section_that_they_share()
    {
        Add("""{ "images": { "retries": 2, "hosts": 3 }, "shops": [{ "images": { "hosts": 5 } }, {}] }""", Origin.File);
        _layers.Override("images.retries=9");
        _layers.Share("shops", "images");
        Assert.Equal("""{"shops":[{"images":{"hosts":5,"retries":9}},{"images":{"retries":9,"hosts":3}}]}""", _layers.Json.ToJsonString());
        Assert.Equal(
            [Origin.File, Origin.CommandLine, Origin.File, Origin.Default],
            new[] { "shops.0.images.hosts", "shops.0.images.retries", "shops.1.images.hosts", "images.hosts" }.Select(_layers.OriginOf));
    }

    [Theory]
    [InlineData("seed=5", """{"seed":5,"encoders":[{"name":"a"}]}""")]
    [InlineData("encoders.0.name=b=c", """{"seed":1,"encoders":[{"name":"b=c"}]}""")]
    [InlineData("images.retries=3", """{"seed":1,"encoders":[{"name":"a"}],"images":{"retries":3}}""")]
    [InlineData("cutoffs=[5, 10]", """{"seed":1,"encoders":[{"name":"a"}],"cutoffs":[5,10]}""")]
    [InlineData("encoders=[]", """{"seed":1,"encoders":[]}""")]
    public void An_override_changes_the_one_key_that_it_names(string text, string expected)
    {
        Add("""{"seed":1,"encoders":[{"name":"a"}]}""", Origin.File);
        _layers.Override(text);
        Assert.Equal(expected, _layers.Json.ToJsonString());
    }

    [Theory]
    [InlineData("seed", "must be key=value")]
    [InlineData("=5", "must be key=value")]
    [InlineData("seed.=5", "must be key=value")]
    [InlineData("encoders[0].name=a", "an element of a list is named by its index between dots, such as encoders.0.")]
    [InlineData("seed.more=5", "'seed' is a plain value and has no 'more'")]
    [InlineData("encoders.1.name=a", "'encoders' is a list of 1; '1' is no index from 0 to 0")]
    [InlineData("cutoffs=[5, 10", "the value is no valid JSON; a shell takes double quotes away")]
    [InlineData("encoders.first.name=a", "'encoders' is a list of 1; 'first' is no index from 0 to 0")]
    [InlineData("encoders.-1=a", "'encoders' is a list of 1; '-1' is no index from 0 to 0")]
    [InlineData("cutoffs.0=a", "'cutoffs' is a list of 0; '0' is no index")]
    public void An_override_that_fits_nowhere_is_a_fault(string text, string fault)
    {
        Add("""{"seed":1,"cutoffs":[],"encoders":[{"name":"a"}]}""", Origin.File);
        _layers.Override(text);
        Assert.StartsWith($"--set {text}: {fault}", Faults()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed=1", "seed=2", "'seed' is given before")]
    [InlineData("images.hosts=1", "images={}", "'images.hosts' is given before")]
    public void What_another_override_would_undo_is_a_fault(string first, string second, string fault)
    {
        _layers.Override(first);
        _layers.Override(second);
        Assert.Contains(fault, Assert.Single(Faults()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_effect_is_warned_of_in_a_file_and_refused_on_the_command_line()
    {
        Add("""{ "seed": 1, "images": { "retries": 3 } }""", Origin.Base);
        Add("""{ "source": "folder" }""", Origin.File);
        Assert.Empty(_layers.Bind<Shop>().Warnings); // what the user did not give is silent

        Add("""{ "images": { "retries": 2 } }""", Origin.File);
        Assert.Equal(["images: is not used: a folder has no pictures"], _layers.Bind<Shop>().Warnings);

        _layers.Override("seed=2");
        Assert.Equal(["seed: is not used: a folder is not drawn"], Faults());
    }

    private void Add(string json, Origin origin) => _layers.Add(ConfigurationFile.Parse(json, "test"), origin);

    private IReadOnlyList<string> Faults() => Assert.Throws<ConfigurationException>(() => _layers.Bind<Shop>()).Faults;
}
