using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.Tests.Tuning;

public sealed class TuneOptionsTests
{
    [Theory]
    [InlineData("""{ "batch": 1 }""", "batch: 1 is out of range; allowed 2 to 65536")]
    [InlineData("""{ "epoch": 3 }""", "epoch: unknown key; did you mean 'epochs'?")]
    [InlineData("""{ "loss": "sigmoids" }""", "loss: unknown value 'sigmoids'; did you mean 'sigmoid'? (allowed: itc, sigmoid, vlmo)")]
    [InlineData("""{ "schedule": "cosinus" }""", "schedule: unknown value 'cosinus'; did you mean 'cosine'?")]
    [InlineData("""{ "learningRate": 2 }""", "learningRate: 2 is out of range; allowed 1E-09 to 1")]
    [InlineData("""{ "lastBlock": 2 }""", "lastBlock: unknown key; did you mean 'lastBlocks'?")]
    [InlineData("""{ "blockRate": 0 }""", "blockRate: 0 is out of range; allowed 0.01 to 1")]
    [InlineData("""{ "heldOut": 0 }""", "heldOut: 0 is out of range; allowed 0.01 to 0.5")]
    [InlineData("""{ "keepPrefix": "float32", "lastBlocks": 1 }""", "keepPrefix: keeps what frozen blocks give for a picture, and augment changes the picture each time that it is seen; set augment to false")]
    [InlineData("""{ "keepPrefix": "float16", "augment": false }""", "keepPrefix: keeps what frozen blocks give, and none is frozen; say with lastBlocks how many are trained")]
    public void Options_that_make_no_sense_are_refused(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<ConfigurationException>(() => ConfigurationBinder.Bind<TuneOptions>(ConfigurationFile.Parse(json, "test"))).Message, StringComparison.Ordinal);
}
