using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>Runs a step: skips what is done, commits what was made, leaves nothing half-written. Several may run at once that do not make what another reads.</summary>
public sealed class StepRunner(IProgressSink sink, TimeProvider clock, int threads, string device, CudaOptions? cuda = null, string? card = null)
{
    private readonly Lock _tidying = new();

    /// <summary>Keeps other processes from the folders of the steps; null: nobody else is there.</summary>
    public StageLock? Lock { get; init; }

    /// <summary>Takes artifacts that are replaced, and gives back those that a step would make again; null: what is replaced is deleted.</summary>
    public KeptArtifacts? Kept { get; init; }

    /// <summary>Runs one step if its artifact is not there or its recipe changed.</summary>
    /// <param name="step">what to run</param>
    /// <param name="cancellation">ends it</param>
    /// <param name="share">threads that it gets; null: all</param>
    /// <param name="began">hears that it really runs, and why</param>
    /// <exception cref="InvalidInputException">An input is missing or unusable.</exception>
    public async Task<StepOutcome> RunAsync(Step step, CancellationToken cancellation, int? share = null, Action<StepState>? began = null)
    {
        var progress = sink.For(step);
        await using var turn = step.TakesTurns && Lock is not null ? await Lock.AlsoAsync(Path.GetFileName(step.Folder), progress.Note, cancellation) : null;
        Tidy(() => ArtifactWriter.Recover(step.Folder, Kept));
        var state = await StepState.OfAsync(step, device, cancellation, cuda);
        if (state.Status != StepStatus.Waits)
            foreach (var fault in state.Without) progress.Note($"warning: {step.Title}: does without {fault}");
        switch (state.Status)
        {
            case StepStatus.Waits when step.CanBeLeftOut:
                var why = string.Join("; ", state.Reasons);
                progress.Note($"{step.Title}: left out: {why}");
                return new StepOutcome(step.Title, step.Folder, StepEnd.LeftOut) { LeftOut = why };
            case StepStatus.Waits:
                throw new InvalidInputException($"{string.Join("; ", state.Reasons)}; run the earlier stages first, or 'lmmrec run' for all");
            case StepStatus.Done:
                progress.Note($"{step.Title}: nothing changed, skipped{string.Concat(state.Reasons.Select(reason => $" ({reason})"))}");
                ArtifactWriter.DeleteParts(step.Folder, state.Recipe!);
                return new StepOutcome(step.Title, step.Folder, StepEnd.Skipped) { TooManyFailed = step.TooManyFailed(Manifest.Read(step.Folder).Facts) };
        }

        if (state.Recipe!.StartedFrom is not null && await Verification.CheckAsync(step.Folder, cancellation) is { Count: > 0 } damages)
        {
            progress.Note($"warning: {step.Title}: does not start from what its folder holds, which is damaged: {string.Join("; ", damages)}");
            state = state.StartingAnew(damages);
        }
        if (await TakeBackAsync(step, state, Fence, cancellation) is { } back) return back;
        var kept = step.MakesPart || state.IsDamaged ? null : Kept;
        progress.Note($"{step.Title}: runs ({string.Join("; ", state.Told)})");
        began?.Invoke(state);
        ArtifactWriter writer = null!;
        Tidy(() => writer = new ArtifactWriter(step.Folder, state.Recipe!, step.UnfinishedFor(state.Recipe!), kept));
        try
        {
            using var memory = new PeakMemory();
            var start = clock.GetTimestamp();
            var context = new StepContext(writer, step.Dataset is null ? progress : new DatasetProgress(step.Dataset, progress), clock, share ?? threads, device) { Cuda = cuda ?? new() };
            await step.Run(context, cancellation);
            var seconds = Math.Round(clock.GetElapsedTime(start).TotalSeconds, 3);
            writer.Timings["seconds"] = seconds;
            writer.Timings["peakMegabytes"] = PeakMemory.Megabytes;
            if (step.RunsGraphs) writer.Runtime["device"] = device;
            if (step.RunsGraphs && card is not null) writer.Runtime["card"] = card;
            var manifest = await writer.CommitAsync(cancellation, Fence);
            return new StepOutcome(step.Title, step.Folder, StepEnd.Ran) { Why = state.Told, Seconds = seconds, TooManyFailed = step.TooManyFailed(manifest.Facts) };
        }
        catch
        {
            // What another process does in our place meanwhile is not ours to delete.
            if (Lock?.IsLost() != true && turn?.IsLost() != true) Tidy(writer.Discard);
            throw;
        }

        void Fence()
        {
            Lock?.ThrowIfLost();
            turn?.ThrowIfLost();
            RequireInputs(step, state.Recipe!);
        }
    }

    // Who shares the workspace may have replaced one meanwhile, and what was read of it is then of neither.
    private static void RequireInputs(Step step, Recipe recipe)
    {
        foreach (var (name, folder) in step.Inputs.Concat(step.Optional).Where(input => recipe.Inputs.ContainsKey(input.Key)))
            if (Manifest.IfReadable(folder) is not { } now || !recipe.IsMadeFrom(name, now))
                throw new InvalidInputException($"{step.Title}: its input {name} ({folder}) was replaced while it ran, such as by another lmmrec; what it made of the one before is thrown away: run the command again");
    }

    // An option that was set back costs nothing.
    private async Task<StepOutcome?> TakeBackAsync(Step step, StepState state, Action fence, CancellationToken cancellation)
    {
        if (Kept is null || await Kept.FindAsync(step, state, cancellation) is not { } found) return null;
        fence();
        try
        {
            Tidy(() => ArtifactWriter.Replace(step.Folder, found, Kept));
        }
        catch (DirectoryNotFoundException)
        {
            return null; // another process took it meanwhile
        }
        sink.For(step).Note($"{step.Title}: taken back, since it was made before and kept ({string.Join("; ", state.Told)})");
        return new StepOutcome(step.Title, step.Folder, StepEnd.TakenBack) { Why = state.Told, TooManyFailed = step.TooManyFailed(Manifest.Read(step.Folder).Facts) };
    }

    /// <summary>Changes folders while no other step does: steps share the folders around theirs, and those that they read.</summary>
    internal void Tidy(Action folders)
    {
        lock (_tidying) folders();
    }
}
