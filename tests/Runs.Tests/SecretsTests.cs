using System.Text.Json.Nodes;
using LmmRec.Artifacts;

namespace LmmRec.Runs.Tests;

public sealed class SecretsTests
{
    private const string Json = """{ "ingest": { "proxy": "http://anna:s%40crt@proxy:3128", "contact": "anna@shop.test" }, "list": [{ "mirror": "https://key@mirror/a@b" }, "http://plain/u@v"] }""";

    [Fact]
    public void User_names_and_passwords_of_addresses_are_taken_out_and_nothing_else()
    {
        var (bare, withheld) = Secrets.TakeOut(Parse(Json));
        Assert.Equal(["ingest.proxy", "list.0.mirror"], withheld);
        Assert.True(JsonNode.DeepEquals(Parse("""{ "ingest": { "proxy": "http://proxy:3128", "contact": "anna@shop.test" }, "list": [{ "mirror": "https://mirror/a@b" }, "http://plain/u@v"] }"""), bare));
    }

    [Fact]
    public void They_are_put_back_from_a_configuration_that_has_them()
    {
        var (bare, withheld) = Secrets.TakeOut(Parse(Json));
        Secrets.PutBack(bare, withheld, Parse(Json), key => key);
        Assert.True(JsonNode.DeepEquals(Parse(Json), bare));
    }

    [Theory]
    [InlineData("""{ "ingest": { } }""")]
    [InlineData("""{ "ingest": { "proxy": "http://proxy:3128" } }""")]
    [InlineData("""{ "ingest": { "proxy": "http://anna:secret@other:3128" } }""")]
    public void One_that_is_not_there_or_is_of_another_address_is_a_fault(string source)
    {
        var (bare, withheld) = Secrets.TakeOut(Parse("""{ "ingest": { "proxy": "http://anna:secret@proxy:3128" } }"""));
        Assert.Equal(["no ingest.proxy"], Assert.Throws<ConfigurationException>(() => Secrets.PutBack(bare, withheld, Parse(source), key => $"no {key}")).Faults);
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
