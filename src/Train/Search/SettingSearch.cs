using LmmRec.Artifacts.Tables;
using LmmRec.Train.Harness;

namespace LmmRec.Train.Search;

/// <summary>Tries settings rung by rung; the best on validation in the last rung wins, and of equal ones the first.</summary>
/// <param name="settings">how many there are</param>
/// <param name="options">how many go on from each rung</param>
internal sealed class SettingSearch(int settings, SearchOptions options)
{
    private readonly SortedDictionary<int, (Trained Trained, int Rung)> _trials = []; // without vectors: there may be many

    /// <summary>All trials, in the order of the settings.</summary>
    public IEnumerable<TrialRow> Trials => _trials.Select(trial => new TrialRow(
        trial.Value.Trained.Setting.Name, trial.Value.Trained.Epochs, trial.Value.Trained.BestEpoch, trial.Value.Trained.Validation, trial.Value.Rung, trial.Key == Winner));

    /// <summary>What was measured in all of them, in the same order.</summary>
    public IEnumerable<HistoryRow> History => _trials.Values.SelectMany(trial => trial.Trained.History);

    /// <summary>Why the first of them ended that was to go on.</summary>
    public string? FirstStopped => _trials.Values.Select(trial => trial.Trained.Stopped).FirstOrDefault(stopped => stopped is not null);

    /// <summary>The setting that was chosen.</summary>
    public int? Winner { get; private set; }

    /// <summary>Runs the search. A setting that diverges before it was measured loses.</summary>
    /// <param name="train">trains a setting on, until so many rungs are to come; 0: to the end</param>
    /// <param name="decided">told of each setting that is not trained on, with what it came to, whether it is the best so far; again where a later one is better</param>
    /// <returns>The winner; null: all diverged.</returns>
    public async Task<Trained?> RunAsync(Func<int, int, Task<Trained>> train, Action<int, Trained, bool> decided)
    {
        var (alive, rungs) = (Enumerable.Range(0, settings).ToList(), SearchPlan.Rungs(settings, options));
        Trained? best = null;
        for (var rung = 0; rung < rungs.Count; rung++)
        {
            var before = alive;
            if (rung > 0) alive = [.. before.Where(n => Value(n) is not null).OrderByDescending(Value).Take(rungs[rung]).Order()]; // a stable sort
            foreach (var n in before.Except(alive)) decided(n, _trials[n].Trained, false);
            foreach (var n in alive)
            {
                var trained = await train(n, rungs.Count - 1 - rung);
                _trials[n] = (trained with { Users = default, Items = default }, rung);
                if (rung < rungs.Count - 1) continue;
                var isBest = Value(n) is { } value && (Winner is not { } other || value > Value(other));
                decided(n, trained, isBest);
                if (!isBest) continue;
                if (Winner is { } former) decided(former, _trials[former].Trained, false);
                (best, Winner) = (trained, n);
            }
        }
        return best;
    }

    private double? Value(int setting) => _trials[setting].Trained.Validation is { } value ? EarlyStopping.Compared(value) : null;
}
