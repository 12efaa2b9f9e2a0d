using System.Diagnostics;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.Recommenders;

namespace LmmRec.Bench.Works;

/// <summary>
/// LightGCN's training artifacts: each run opens them and makes the first step. Another process wrote them, so <c>start_ms</c> is that in a process
/// which has loaded and compiled nothing of it, where this is the first work of it.
/// </summary>
internal sealed class TrainingStart : Work
{
    private const int BatchSize = 2048;

    private readonly TemporaryFolder _folder = new();
    private readonly RuntimeOptions _runtime;
    private readonly Batch _batch;

    public TrainingStart(Arguments arguments)
    {
        _runtime = arguments.Runtime;
        using (var writer = Process.Start(Environment.ProcessPath!, ["artifacts", _folder.Path, "--inter", arguments.Inter]))
        {
            writer.WaitForExit();
            if (writer.ExitCode != 0) throw new InvalidOperationException($"the process that writes the artifacts ended with code {writer.ExitCode}");
        }
        var (users, positives, negatives) = new Interactions(arguments.Inter).Draw(BatchSize, new SeededRandom(1));
        _batch = new Batch { ["users"] = TensorData.Of(users), ["positives"] = TensorData.Of(positives), ["negatives"] = TensorData.Of(negatives) };
    }

    /// <summary>Writes the artifacts into a folder.</summary>
    public static void Write(string folder, Arguments arguments)
    {
        var data = new Interactions(arguments.Inter);
        var catalogue = new Catalogue(data.Users, data.Items, null, null)
        {
            UserItems = UserItemGraph.Of(Dataset.From(new string[data.Users], new string[data.Items], [.. data.Pairs.Select(p => new Interaction(p.User, p.Item))], [])),
            BatchSize = BatchSize,
            Neighbours = (_, _) => throw new InvalidOperationException("LightGCN has no item graph"),
        };
        RecommenderModel.Create(folder, Recommender.All["lightgcn"], catalogue, new LightGcnOptions(), seed: 1, arguments.Runtime).Dispose();
    }

    public override string What => "LightGCN's sessions from its files, and the first step";

    public override void Run()
    {
        using var session = TrainingSession.Open(_folder.Path, _runtime);
        session.Step(_batch, learningRate: 1e-3);
    }

    public override void Dispose() => _folder.Dispose();
}
