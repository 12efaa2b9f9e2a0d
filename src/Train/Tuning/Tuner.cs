using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Harness;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>How a tuning ended.</summary>
/// <param name="Best">the epoch with the lowest held-out loss, from 1; the encoder has its weights</param>
/// <param name="Epochs">epochs that were run</param>
/// <param name="History">what was measured, epoch by epoch</param>
/// <param name="Stopped">why it ended before the last epoch; null: it did not</param>
internal sealed record Tuned(int Best, int Epochs, IReadOnlyList<TuningRow> History, string? Stopped);

/// <summary>Runs the epochs of a tuning (docs/encoders.md#fine-tuning): updates over batches of pairs, a look at what was held out, the best epoch.</summary>
/// <param name="encoder">the encoder's name</param>
/// <param name="options">how it is tuned</param>
/// <param name="parent">the encoder that it begins with</param>
/// <param name="model">the encoder in training</param>
/// <param name="pairs">all pairs</param>
/// <param name="training">places of those that are trained on</param>
/// <param name="heldOut">measures those that are not</param>
/// <param name="feed">makes what the encoder is fed</param>
/// <param name="context">tells the user how far it is</param>
internal sealed class Tuner(
    string encoder, TuneOptions options, TrainableEncoder parent, TuningModel model, TuningPairs pairs, IReadOnlyList<int> training, HeldOut heldOut, PairFeed feed, StepContext context)
{
    // A held-out loss that is this much above that before the first epoch was not reached by learning.
    private const double FarAbove = 2;

    private readonly TuneStep _step = new(model, options.MicroBatch);
    private readonly List<TuningRow> _history = [];
    private readonly SavePace _pace = new(context.Clock);

    // What an epoch counts for in progress and schedule. Where pictures or texts repeat it may have fewer batches, which then count for more.
    private readonly long _updates = Math.Max(1, training.Count / options.Batch);

    private TuneProgress _progress = new(1, [], 0, [], 0, null, []);

    // The epoch in whose way pictures are changed.
    private int? Augmented => options.Augment ? _progress.Epoch : null;

    /// <summary>Tunes.</summary>
    /// <param name="resume">where the state of an unfinished tuning lies, or is put</param>
    /// <param name="cancellation">ends it between two parts of a batch</param>
    /// <exception cref="InvalidInputException">No batch can be filled, or it diverged before the first epoch had ended.</exception>
    public Tuned Run(TuneResume resume, CancellationToken cancellation)
    {
        var updates = options.Epochs * _updates;
        var schedule = options.Schedule.Over(options.RateOf(parent.Card), updates, (long)Math.Round(options.WarmUp * updates));
        using var progress = context.Progress.Start($"tune {encoder}", updates);
        if (resume.Restore(model.Session) is { } saved)
        {
            _progress = saved;
            _history.AddRange(saved.History);
        }
        else MeasureParent(cancellation);
        progress.Advance(Position);
        string? stopped = null;
        while (_progress.Epoch <= options.Epochs && stopped is null)
        {
            stopped = TryEpoch(resume, schedule, progress, cancellation);
            if (stopped is null) progress.Describe(string.Create(CultureInfo.InvariantCulture, $"lowest held-out loss {_progress.BestLoss:0.0000} after epoch {_progress.Best}"));
            else if (_progress.Best == 0) throw new InvalidInputException($"{encoder}: {stopped}");
            else
            {
                stopped += $"; the encoder of epoch {_progress.Best} was kept";
                context.Progress.Note($"warning: {encoder}: {stopped}");
            }
        }
        resume.LoadBest(model.Session, _progress.Best);
        return new Tuned(_progress.Best, _progress.Epoch - 1, _history, stopped);
    }

    /// <summary>The batches of an epoch, all of one size: the full ones or, where pairs that differ fill none, those that come next.</summary>
    /// <param name="encoder">the encoder's name</param>
    /// <param name="pairs">all pairs</param>
    /// <param name="training">places of those that are trained on</param>
    /// <param name="options">how it is tuned</param>
    /// <param name="epoch">from 1</param>
    /// <param name="hard">what pairs bring along; null: nothing</param>
    /// <exception cref="InvalidInputException">No two pairs differ in picture and text.</exception>
    public static List<int[]> Batches(string encoder, IReadOnlyList<Pair> pairs, IReadOnlyList<int> training, TuneOptions options, int epoch, HardNegatives? hard = null)
    {
        var batches = new BatchSampler(pairs, training, options.Batch, SeededRandom.For(options.Seed, $"batches of epoch {epoch}")).Epoch(hard).ToList();
        if (batches.Count == 0) throw new InvalidInputException(
            $"encoder '{encoder}' cannot be tuned: of the {training.Count} pairs that are trained on no two differ in picture and text, such as where one placeholder is the picture of all; "
            + "bring more items with pictures and texts of their own");
        var largest = batches.Max(batch => batch.Length);
        return batches.FindAll(batch => batch.Length == largest);
    }

    // Updates that are done, of all.
    private long Position => (_progress.Epoch - 1) * _updates + (_progress.Batches.Count == 0 ? 0 : _progress.Done * _updates / _progress.Batches.Count);

    // Why it ends; null: it goes on.
    private string? TryEpoch(TuneResume resume, Schedule schedule, IProgressTask progress, CancellationToken cancellation)
    {
        try
        {
            RunEpoch(resume, schedule, progress, cancellation);
            return EndEpoch(resume, cancellation) is { } why ? Diverged(why) : null;
        }
        catch (NotFiniteException e)
        {
            return Diverged(e.Message);
        }
    }

    private void RunEpoch(TuneResume resume, Schedule schedule, IProgressTask progress, CancellationToken cancellation)
    {
        if (_progress.Batches.Count == 0) _progress = _progress with { Batches = Batches(cancellation) };
        var left = _progress.Batches.Skip(_progress.Done).ToList();
        var (start, before) = (context.Clock.GetTimestamp(), _progress.Done);
        using var feeds = Ahead.Of(left.SelectMany(batch => _step.Parts(batch.Length).Select(part => feed.Of(batch[part], Augmented)))).GetEnumerator();
        foreach (var batch in left)
        {
            var position = Position;
            var rate = schedule.At(position);
            var updated = _step.Run(batch.Length, Next, !model.Tuning.IsFused ? null : logits => Fused(batch, logits), rate);
            foreach (var (name, loss) in updated.Losses) Add(name, loss);
            Add("gradient_norm", updated.GradientNorm);
            Add("learning_rate", rate);
            _progress = _progress with { Done = _progress.Done + 1 };
            progress.Advance(Position - position);
            if (_pace.IsDue) _pace.Save(() => Save(resume));
        }
        var seconds = context.Clock.GetElapsedTime(start).TotalSeconds;
        context.Output.Timings["pairsPerSecond"] = Math.Round((_progress.Done - before) * (double)options.Batch / Math.Max(seconds, 1e-3), 2);

        FusedFeed Fused(int[] batch, float[] logits) => new(batch, pairs, parent, feed, Augmented, logits, SeededRandom.For(options.Seed, $"fused, update {model.Session.Steps}"));

        Batch Next()
        {
            cancellation.ThrowIfCancellationRequested();
            return feeds.MoveNext() ? feeds.Current : throw new InvalidOperationException("a step took more parts than it said");
        }
    }

    private List<int[]> Batches(CancellationToken cancellation)
    {
        var batches = Batches(encoder, pairs.All, training, options, _progress.Epoch, options.HardNegatives == 0 ? null : Mine());
        if (batches[0].Length is var largest && largest < options.Batch && _progress.Epoch == 1)
            context.Progress.Note($"{encoder}: the {training.Count} pairs that are trained on fill no batch of {options.Batch}, in which all pictures and all texts differ; {largest} are taken");
        return batches;

        HardNegatives Mine()
        {
            var contrast = model.Tuning.Contrasts[0];
            var vectors = feed.Encode(model, training, [contrast.Images, contrast.Texts], options.MicroBatch, cancellation);
            return HardNegatives.Mine(
                pairs.All, pairs.Text, training, vectors[contrast.Images].As<float>(), vectors[contrast.Texts].As<float>(), options.HardNegatives, context.Threads, cancellation);
        }
    }

    // Why that epoch is none to keep; null: it may be.
    private string? EndEpoch(TuneResume resume, CancellationToken cancellation)
    {
        var epoch = _progress.Epoch;
        foreach (var (name, sum) in _progress.Sums) _history.Add(new TuningRow(epoch, null, name, sum / _progress.Done, Decides: false));
        var loss = Measure(epoch, cancellation);
        var before = Of(0, HeldOut.Loss);
        if (loss > before + FarAbove) return string.Create(CultureInfo.InvariantCulture, $"the loss of what was held out rose from {before:0.00} to {loss:0.00}");
        foreach (var spread in new[] { HeldOut.ImageSpread, HeldOut.TextSpread })
            if (Of(epoch, spread) < Spread.Least && Of(0, spread) >= Spread.Least) return "all that was held out has the same vector";
        if (_progress.BestLoss is not { } best || loss < best)
        {
            resume.SaveBest(model.Session, epoch);
            _progress = _progress with { Best = epoch, BestLoss = loss };
        }
        _progress = _progress with { Epoch = epoch + 1, Batches = [], Done = 0, Sums = [] };
        _pace.Save(() => Save(resume));
        return null;

        double Of(int after, string name) => _history.First(row => row.Epoch == after && row.Category is null && row.Name == name).Value;
    }

    private void MeasureParent(CancellationToken cancellation)
    {
        try
        {
            Measure(0, cancellation);
        }
        catch (NotFiniteException e)
        {
            throw new InvalidInputException($"encoder '{encoder}' cannot be tuned: before the first update {e.Message}; its weights are damaged: import it again, or take another", e);
        }
    }

    private double Measure(int epoch, CancellationToken cancellation)
    {
        var rows = heldOut.Measure(model, epoch, cancellation);
        _history.AddRange(rows);
        return rows.Single(row => row.Decides).Value;
    }

    private void Add(string name, double value) => _progress.Sums[name] = _progress.Sums.GetValueOrDefault(name) + value;

    private void Save(TuneResume resume) => resume.Save(model.Session, _progress with { History = _history });

    private string Diverged(string why) => string.Create(CultureInfo.InvariantCulture,
        $"tuning diverged in epoch {_progress.Epoch}, batch {_progress.Done} ({why}); lower the learning rate (encoders[].tune.learningRate)");
}
