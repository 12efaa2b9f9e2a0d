using System.Text.Json;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>All that a tuning has come to between two updates, beside parameters and moments.</summary>
/// <param name="Epoch">the epoch under way, from 1</param>
/// <param name="Batches">its batches, each of places among the pairs; empty where it has not begun</param>
/// <param name="Done">how many of them are done</param>
/// <param name="Sums">what they reported, added up</param>
/// <param name="Best">the epoch with the lowest held-out loss so far; 0: none has ended</param>
/// <param name="BestLoss">its held-out loss; null: none has ended</param>
/// <param name="History">what was measured so far</param>
internal sealed record TuneProgress(
    int Epoch, IReadOnlyList<int[]> Batches, int Done, SortedDictionary<string, double> Sums, int Best, double? BestLoss, IReadOnlyList<TuningRow> History);

/// <summary>
/// Where a tuning that is killed goes on: a folder with the last state that was saved, and the checkpoint of the best epoch. The state says which
/// checkpoint is the best, and is renamed into place last, so that both belong together at every moment.
/// </summary>
internal sealed class TuneResume(string folder)
{
    private const string Notes = "tuning";

    private string Last => Path.Combine(folder, "last");

    /// <summary>Where an interrupted tuning is taken up; null where nothing was saved.</summary>
    public TuneProgress? Saved => TrainingState.TryRead(Last) is { } state ? Of(state) : null;

    /// <summary>Keeps the parameters of an epoch, the best so far.</summary>
    public void SaveBest(TrainingSession session, int epoch) => session.Save(Best(epoch));

    /// <summary>Goes back to the parameters of the best epoch.</summary>
    public void LoadBest(TrainingSession session, int epoch) => session.Load(Best(epoch));

    /// <summary>Keeps all that what is to come depends on.</summary>
    public void Save(TrainingSession session, TuneProgress progress)
    {
        session.Save(Last, new TrainingState(0) { Notes = { [Notes] = JsonSerializer.SerializeToNode(progress) } });
        foreach (var best in Directory.EnumerateDirectories(folder, "best-*").Where(path => path != Best(progress.Best))) Directory.Delete(best, recursive: true);
    }

    /// <summary>Goes back to what was saved; null where nothing was.</summary>
    public TuneProgress? Restore(TrainingSession session) => Saved is null ? null : Of(session.Load(Last));

    private static TuneProgress Of(TrainingState state) => state.Notes[Notes].Deserialize<TuneProgress>()!;

    private string Best(int epoch) => Path.Combine(folder, $"best-{epoch}");
}
