using LmmRec.Artifacts.Configuration;

namespace LmmRec.Artifacts.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("epcohs", "epochs")]
    [InlineData("Epochs", "epochs")]
    [InlineData("batchsize", "batchSize")]
    [InlineData("vbrp", "vbpr")]
    [InlineData("bp", "bpr")]
    public void A_slip_is_met_with_the_name_that_was_meant(string name, string meant) =>
        Assert.Contains($"did you mean '{meant}'?", Hint(name), StringComparison.Ordinal);

    [Theory]
    [InlineData("foo")]
    [InlineData("extra")]
    [InlineData("lr")]
    [InlineData("")]
    [InlineData("0")]
    public void A_name_that_is_far_from_all_gets_no_guess_but_what_is_allowed(string name) =>
        Assert.Equal("; allowed: batchSize, bm3, bpr, epochs, vbpr", Hint(name));

    private static string Hint(string name) => NearestName.Hint(name, ["vbpr", "epochs", "bm3", "batchSize", "bpr"]);
}
