using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Harness;

/// <summary>
/// Where a training that is killed goes on: a folder with the last state that was saved, between two epochs, and the checkpoint of the best epoch,
/// each with those of the encoders that are trained with the recommender.
/// The state says which checkpoint is the best, and is renamed into place last, so that both belong together at every moment.
/// Of a setting that was decided only what it came to is kept, with the checkpoint while no other setting is better.
/// </summary>
internal sealed class ResumePoint(string folder)
{
    private const string Notes = "training", Triples = "triples", Augmentation = "augmentation";

    private sealed record Progress(int NextEpoch, EarlyStopping.Progress Stopping, IReadOnlyList<HistoryRow> History);

    private sealed record Result(double? Validation, int? BestEpoch, int Epochs, IReadOnlyList<HistoryRow> History, string? Stopped);

    private string Last => Path.Combine(folder, "last");

    /// <summary>The epoch to go on with; null where nothing was saved.</summary>
    public int? NextEpoch => TrainingState.TryRead(Last) is { } state ? Saved(state).NextEpoch : null;

    /// <summary>Keeps the parameters of <paramref name="epoch"/>, the best so far.</summary>
    public void SaveBest(RecommenderModel model, EndToEndTraining? encoders, int epoch)
    {
        encoders?.Save(EncodersOf(Best(epoch)));
        model.Session.Save(Best(epoch));
    }

    /// <summary>Goes back to the parameters of the best epoch.</summary>
    public void LoadBest(RecommenderModel model, EndToEndTraining? encoders, int epoch)
    {
        encoders?.Load(EncodersOf(Best(epoch)));
        model.Session.Load(Best(epoch));
    }

    /// <summary>Keeps everything that the epochs from <paramref name="nextEpoch"/> on depend on.</summary>
    public void Save(int nextEpoch, RecommenderModel model, EndToEndTraining? encoders, TripleSampler sampler, EarlyStopping stopping, IReadOnlyList<HistoryRow> history)
    {
        var progress = new Progress(nextEpoch, stopping.State, history);
        encoders?.Save(Encoders(nextEpoch));
        model.Session.Save(Last, new TrainingState(0)
        {
            Random = { [Triples] = sampler.Random.State, [Augmentation] = model.Random.State },
            Notes = { [Notes] = JsonSerializer.SerializeToNode(progress) },
        });
        string[] kept = [Last, Best(stopping.BestEpoch), Encoders(nextEpoch)];
        foreach (var old in Directory.EnumerateDirectories(folder).Where(path => !kept.Contains(path))) Directory.Delete(old, recursive: true);
    }

    /// <summary>Goes back to what was saved.</summary>
    /// <returns>The epoch to go on with; 0 where nothing was saved.</returns>
    public int Restore(RecommenderModel model, EndToEndTraining? encoders, TripleSampler sampler, EarlyStopping stopping, List<HistoryRow> history)
    {
        if (NextEpoch is not { } epoch) return 0;
        encoders?.Load(Encoders(epoch));
        var state = model.Session.Load(Last);
        var progress = Saved(state);
        sampler.Random = new SeededRandom(state.Random[Triples]);
        model.Random = new SeededRandom(state.Random[Augmentation]);
        stopping.State = progress.Stopping;
        history.AddRange(progress.History);
        return epoch;
    }

    /// <summary>What <paramref name="setting"/> came to, without its vectors; null where it is not decided.</summary>
    public Trained? Decided(Setting setting) => File.Exists(Decision) && JsonSerializer.Deserialize<Result>(File.ReadAllBytes(Decision)) is { } result
        ? new Trained(setting, result.Validation, result.BestEpoch, result.Epochs, default, default, result.History, result.Stopped) : null;

    /// <summary>Whether the model of a decided setting is here: no better one is known.</summary>
    public bool HasModel(Trained trained) => trained.BestEpoch is { } epoch && Directory.Exists(Best(epoch));

    /// <summary>Keeps what a setting came to, and lets go of what it would need to go on.</summary>
    /// <param name="trained">what it came to</param>
    /// <param name="isBest">whether the checkpoint of its best epoch stays too</param>
    public void Decide(Trained trained, bool isBest)
    {
        Directory.CreateDirectory(folder);
        FileSystem.WriteAtomically(Decision, stream =>
            JsonSerializer.Serialize(stream, new Result(trained.Validation, trained.BestEpoch, trained.Epochs, trained.History, trained.Stopped)));
        foreach (var old in Directory.EnumerateDirectories(folder).Where(path => !isBest || path != Best(trained.BestEpoch!.Value))) Directory.Delete(old, recursive: true);
    }

    private string Decision => Path.Combine(folder, "result.json");

    private static Progress Saved(TrainingState state) => state.Notes[Notes].Deserialize<Progress>()!;

    // Those of the last state; their folder has the epoch's name, since it is written before that state is.
    private string Encoders(int nextEpoch) => Path.Combine(folder, $"encoders-{nextEpoch}");

    private static string EncodersOf(string checkpoint) => Path.Combine(checkpoint, "encoders");

    private string Best(int epoch) => Path.Combine(folder, $"best-{epoch}");
}
