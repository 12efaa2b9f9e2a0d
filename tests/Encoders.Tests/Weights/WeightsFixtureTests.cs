using LmmRec.Encoders.Weights;
using LmmRec.Graphs;

namespace LmmRec.Encoders.Tests.Weights;

[Trait("Category", "Fixtures")]
public sealed class WeightsFixtureTests
{
    [Theory]
    [InlineData("clip_tiny", "")]
    [InlineData("vlmo_tiny", "state_dict.")]
    public void A_file_that_torch_saved_holds_the_same_weights(string name, string wrapper)
    {
        var expected = SafeTensors.Read(Beside.Fixture($"encoders/{name}.safetensors"), t => t.StartsWith("weight/", StringComparison.Ordinal));
        var actual = WeightsFile.Read(Beside.Fixture($"encoders/{name}.pt"));
        Assert.NotEmpty(expected);
        foreach (var (key, tensor) in expected)
        {
            var read = actual[wrapper + key["weight/".Length..]];
            Assert.Equal(tensor.ToFloats(), read.As<float>());
        }
    }
}
