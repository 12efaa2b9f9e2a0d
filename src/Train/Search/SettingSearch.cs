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

    private int? Winner { get; set; }

    /// <summary>Runs the search.</summary>
    /// <param name="train">trains a setting on, until so many rungs are to come; 0: to the end</param>
    /// <param name="keep">told after each training whether it is the best of the last rung so far</param>
    /// <returns>The winner.</returns>
    public async Task<Trained> RunAsync(Func<int, int, Task<Trained>> train, Action<bool> keep)
    {
        var (alive, rungs) = (Enumerable.Range(0, settings).ToList(), SearchPlan.Rungs(settings, options));
        Trained? best = null;
        for (var rung = 0; rung < rungs.Count; rung++)
        {
            alive = [.. alive.OrderByDescending(n => rung == 0 ? 0 : _trials[n].Trained.Validation).Take(rungs[rung]).Order()]; // a stable sort
            foreach (var n in alive)
            {
                var trained = await train(n, rungs.Count - 1 - rung);
                _trials[n] = (trained with { Users = default, Items = default }, rung);
                var better = rung == rungs.Count - 1 && (best is null || trained.Validation > best.Validation);
                if (better) (best, Winner) = (trained, n);
                keep(better);
            }
        }
        return best!;
    }
}
