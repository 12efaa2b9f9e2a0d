using LmmRec.Artifacts;

namespace LmmRec.Graphs.Tests;

/// <summary>The README's C# is code that runs here.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_ten_lines_of_the_readme_train_a_recommender()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        var batch = new Batch { ["user"] = TensorData.Of([0L, 1], 2), ["liked"] = TensorData.Of([2L, 3], 2), ["other"] = TensorData.Of([4L, 5], 2) };

        // readme
        var g = new Graph("ranking");
        var (user, liked, other) = (g.Input("user", ElementType.Int64, ["batch"]), g.Input("liked", ElementType.Int64, ["batch"]), g.Input("other", ElementType.Int64, ["batch"]));
        var users = g.Parameter("users", [1000, 64], Initializers.XavierNormal);      // [1000, 64]
        var items = g.Parameter("items", [500, 64], Initializers.XavierNormal);       // [500, 64]
        var margin = (users[user] * (items[liked] - items[other])).ReduceSum([1]);    // [batch]
        g.Output("loss", (-margin).Softplus().ReduceMean());

        TrainingArtifacts.Write(folder, g, new TrainingPlan(), new SeededRandom(7));
        using var session = TrainingSession.Open(folder);
        var loss = session.Step(batch, learningRate: 1e-3).Loss;
        // end of readme

        Assert.Equal(Math.Log(2), loss, 0.1); // an untrained model prefers neither item
        Assert.True(session.Step(batch, learningRate: 1e-3).Loss < loss);
    }

    [Fact]
    public void The_readme_shows_that_code()
    {
        var here = File.ReadAllText(Path.Combine(Beside.Checkout, "tests", "Graphs.Tests", "ReadmeTests.cs"));
        var code = Between(here, "// readme\n", "        // end of readme").Replace("\n        ", "\n", StringComparison.Ordinal).Trim();
        Assert.Equal(code, Between(File.ReadAllText(Path.Combine(Beside.Checkout, "README.md")), "```csharp\n", "```").Trim());
    }

    private static string Between(string text, string first, string last)
    {
        var start = text.IndexOf(first, StringComparison.Ordinal) + first.Length;
        return text[start..text.IndexOf(last, start, StringComparison.Ordinal)];
    }
}
