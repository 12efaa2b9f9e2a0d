using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Evaluate.Tests;

public sealed class EvaluateOptionsTests
{
    [Fact]
    public void The_defaults_are_those_of_the_documentation()
    {
        var options = Bind("{}");
        Assert.Equal([10, 20], options.Cutoffs);
        Assert.Equal(Comparison.Paired, options.Compare);
    }

    [Fact]
    public void The_options_of_the_default_configuration_bind() =>
        Assert.Equal(Comparison.None, Bind("""{ "cutoffs": [5], "compare": "none" }""").Compare);

    [Theory]
    [InlineData("""{ "cutoffs": [0] }""", "allowed 1 to 1000")]
    [InlineData("""{ "cutoffs": [10, 1001] }""", "allowed 1 to 1000")]
    [InlineData("""{ "cutoffs": [] }""", "at least 1")]
    [InlineData("""{ "cutoffs": [20, 10] }""", "ascending")]
    [InlineData("""{ "cutoffs": [10, 10] }""", "once")]
    [InlineData("""{ "compare": "pairs" }""", "did you mean 'paired'")]
    public void A_value_out_of_range_names_what_is_allowed(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => Bind(json)).Message, StringComparison.Ordinal);

    private static EvaluateOptions Bind(string json) => ConfigurationBinder.Bind<EvaluateOptions>(ConfigurationFile.Parse(json, "test"));
}
