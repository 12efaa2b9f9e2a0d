using System.Text.RegularExpressions;
using LmmRec.Graphs;
using LmmRec.Train.Recommenders;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Train.Tests;

/// <summary>
/// Where ONNX Runtime's placement log says that the nodes of a step run: on a card or on libraries in CUDA's place in a build with
/// -p:Accelerator=cuda (tests/cuda-stand-in/run.sh); skipped elsewhere.
/// </summary>
public sealed partial class PlacementTests : IDisposable
{
    // ONNX Runtime computes with shapes on the host by design: the operators that read the results do so there. No value of a card is waited for.
    private static readonly Dictionary<string, (string Reason, string[] Operators)> OnHost = new(StringComparer.Ordinal)
    {
        ["lattice"] = ("the pattern of the item graph is fed, and with it the sizes of its buckets", ["Add", "Concat", "Mul", "Slice", "Split", "Sub"]),
        ["mmgcl"] = ("a table is joined to another, whose rows are counted in each batch, and the gradient is split by these counts", ["Concat"]),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Recommender.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void On_a_card_no_node_of_a_step_runs_on_the_host_but_those_that_are_named_and_nothing_is_copied_between(string name)
    {
        SmallModel.Create(_folder.Path, name, SmallModel.Default(name), SmallModel.Data(), new RuntimeOptions { Threads = 2 }).Dispose();
        var allowed = OnHost.TryGetValue(name, out var named) ? named.Operators : [];
        foreach (var file in Directory.GetFiles(_folder.Path, "*.onnx").Where(path => !Path.GetFileName(path).StartsWith("eval", StringComparison.Ordinal)))
        {
            var log = PlacementLog(file);
            Assert.Contains(log, line => line.Contains("placed on [CUDAExecutionProvider]", StringComparison.Ordinal));
            Assert.DoesNotContain(log, line => line.Contains("AddCopyNode", StringComparison.Ordinal));
            Assert.All(OfHost(log), op => Assert.Contains(op, allowed));
        }
    }

    private static IEnumerable<string> OfHost(string[] log) => log
        .SkipWhile(line => !line.Contains("placed on [CPUExecutionProvider]", StringComparison.Ordinal)).Skip(1)
        .Select(line => PlacedNode().Match(line)).TakeWhile(match => match.Success).Select(match => match.Groups[1].Value);

    private string[] PlacementLog(string file)
    {
        try
        {
            using var options = new RuntimeOptions { Device = "cuda" }.ToSessionOptions();
            (options.LogSeverityLevel, options.LogVerbosityLevel) = (OrtLoggingLevel.ORT_LOGGING_LEVEL_VERBOSE, 1);
            return NativeErrors.During(_folder.PathOf("log"), () => new InferenceSession(file, options).Dispose());
        }
        catch (DeviceUnavailableException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    [GeneratedRegex(@"VerifyEachNodeIsAssignedToAnEp\]   (\w+) \(")]
    private static partial Regex PlacedNode();
}
