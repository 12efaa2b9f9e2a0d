namespace LmmRec.Artifacts.Steps;

/// <summary>
/// Runs steps in the order of what they read from each other, several at once: each as soon as the artifacts that it needs are there, the first of the
/// list first. One that fails ends alone; what needs it is not run, and the others are.
/// </summary>
/// <param name="runner">runs one</param>
/// <param name="jobs">the most steps at once</param>
/// <param name="threads">threads of all of them together</param>
/// <param name="progress">tells the user of a failure when it comes</param>
/// <param name="causeOf">the kind of fault that an exception is; null: one that ends all steps</param>
/// <param name="observers">hear how each step goes</param>
public sealed class StepSchedule(
    StepRunner runner, int jobs, int threads, IProgressSink progress, Func<Exception, string?> causeOf, IReadOnlyList<IStepObserver> observers)
{
    private readonly Dictionary<string, StepOutcome> _ended = []; // by folder

    /// <summary>Runs all steps.</summary>
    /// <param name="steps">each after those whose artifacts it reads</param>
    /// <param name="cancellation">ends those that are running, and starts no other</param>
    /// <returns>How each ended.</returns>
    public async Task<IReadOnlyList<StepOutcome>> RunAsync(IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var made = steps.Select((step, place) => (step.Folder, place)).ToDictionary();
        var waiting = steps.ToList();
        var ready = new List<Step>();
        var running = new Dictionary<Task<StepOutcome>, Step>();
        try
        {
            while (_ended.Count < steps.Count)
            {
                while (waiting.Find(step => Reads(step).All(folder => !made.ContainsKey(folder) || _ended.ContainsKey(folder))) is { } next)
                {
                    waiting.Remove(next);
                    if (await NotRunAsync(next, stop.Token) is { } outcome) End(next, outcome);
                    else ready.Add(next);
                }
                // How many there are now decides the share of each: one that runs alone has all threads.
                var share = Math.Max(1, threads / Math.Min(jobs, Math.Max(1, running.Count + ready.Count)));
                foreach (var step in ready.OrderBy(step => made[step.Folder]).Take(jobs - running.Count).ToList())
                {
                    ready.Remove(step);
                    running.Add(AttemptAsync(step, share, stop.Token), step);
                }
                if (running.Count == 0)
                {
                    if (waiting.Count > 0) throw new InvalidOperationException($"these steps wait for each other, or for themselves: {string.Join(", ", waiting.Select(step => step.Title))}");
                    continue; // the last ones were not run
                }
                var first = await Task.WhenAny(running.Keys);
                running.Remove(first, out var ended);
                End(ended!, await first);
            }
        }
        catch
        {
            await stop.CancelAsync();
            foreach (var task in running.Keys) await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // each leaves its folder in order
            throw;
        }
        return [.. steps.Select(step => _ended[step.Folder])];
    }

    private void End(Step step, StepOutcome outcome)
    {
        _ended[step.Folder] = outcome;
        foreach (var observer in observers) observer.Ended(step, outcome);
    }

    private static IEnumerable<string> Reads(Step step) => step.Inputs.Values.Concat(step.Optional.Values);

    // Why a step cannot run, as far as that is known when those that it reads from have ended.
    private async Task<StepOutcome?> NotRunAsync(Step step, CancellationToken cancellation)
    {
        if (step.Inputs.Values.Select(folder => _ended.GetValueOrDefault(folder)?.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
            return Failed(step, StepEnd.NotRun, new Failure(FailedStep.NotRun, FailedStep.Since(failure.Origin), failure.Origin));
        try
        {
            await Task.Run(step.Check, cancellation).WaitAsync(cancellation); // it may open large files
            return null;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && EndsAlone(e))
        {
            return Failed(step, e);
        }
    }

    private async Task<StepOutcome> AttemptAsync(Step step, int share, CancellationToken cancellation)
    {
        try
        {
            var outcome = await Task.Run(() => runner.RunAsync(step, cancellation, share, Began), CancellationToken.None); // steps compute where they are called
            if (outcome.LeftOut is { } why) Mark(step, new FailedStep(step.Title, FailedStep.LeftOut, why));
            else runner.Tidy(() => FailedStep.Forget(step.Folder));
            return outcome;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && EndsAlone(e))
        {
            return Failed(step, e);
        }

        void Began(StepState state)
        {
            foreach (var observer in observers) observer.Began(step, state);
        }
    }

    private bool EndsAlone(Exception exception) => causeOf(exception.Unwrapped()) is not null;

    private StepOutcome Failed(Step step, Exception thrown)
    {
        var exception = thrown.Unwrapped();
        progress.For(step).Fault($"{step.Title}: failed: {exception.Message}");
        return Failed(step, StepEnd.Failed, new Failure(causeOf(exception)!, exception.Message, step.Title) { Exception = exception });
    }

    private StepOutcome Failed(Step step, StepEnd state, Failure failure)
    {
        Mark(step, new FailedStep(step.Title, failure.Cause, failure.Message));
        return new StepOutcome(step.Title, step.Folder, state) { Failure = failure };
    }

    private void Mark(Step step, FailedStep mark)
    {
        if (!step.MakesPart) runner.Tidy(() => mark.Write(step.Folder));
    }
}
