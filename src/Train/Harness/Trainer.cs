using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Graphs;
using LmmRec.Ranking;
using LmmRec.Train.Data;
using LmmRec.Train.EndToEnd;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train.Harness;

/// <summary>How the training of one setting ended.</summary>
/// <param name="Setting">its hyper-parameters</param>
/// <param name="Validation">the deciding metric on the validation split in the best epoch; null: it diverged before an epoch was measured, and there is no model</param>
/// <param name="BestEpoch">that epoch, 0-based; null: there is none</param>
/// <param name="Epochs">epochs that were run</param>
/// <param name="Users">user vectors of the best epoch</param>
/// <param name="Items">item vectors of the best epoch</param>
/// <param name="History">what was measured, epoch by epoch</param>
/// <param name="Stopped">why it ended though it was to go on; null: it did not</param>
internal sealed record Trained(Setting Setting, double? Validation, int? BestEpoch, int Epochs, Vectors Users, Vectors Items, IReadOnlyList<HistoryRow> History, string? Stopped);

/// <summary>
/// Trains one setting of a case (docs/recommenders.md#training): epochs over sampled triples, an evaluation on the validation split, early
/// stopping on the metric that <see cref="DecidingMetric"/> names, the checkpoint of the best epoch.
/// </summary>
internal sealed class Trainer(
    TrainCase trainCase, Setting setting, Dataset data, Catalogue catalogue, EndToEndTraining? encoders, WarmStart? start, TrainOptions options, StepContext context)
{
    // Where the encoders of the best epoch lie, a folder each.
    private const string EncoderFolder = "encoder";
    private const string GradientNorm = "gradient_norm", LearningRate = "learning_rate";

    // End to end: a loss that is as many times its size above what it began with was not reached by learning.
    private const double FarAbove = 2;

    private static readonly RankingMetric[] Metrics = [RankingMetric.Recall, RankingMetric.Ndcg];
    private static readonly int[] Cutoffs = [10, DecidingMetric.Cutoff];

    private readonly RankingMetric _deciding = DecidingMetric.For(data);
    private readonly List<HistoryRow> _history = [];

    private int Epochs => Hyper.Epochs ?? options.Epochs;

    private RecommenderOptions Hyper => (RecommenderOptions)setting.Options;

    /// <summary>Trains in <paramref name="folder"/>, which then holds the training artifacts with the checkpoint of the best epoch.</summary>
    /// <param name="folder">of the training artifacts</param>
    /// <param name="resume">where the state of an unfinished training lies, or is put</param>
    /// <param name="until">epochs after which it is halted, with its state saved: all of them, or a multiple of those from one evaluation to the next</param>
    /// <param name="cancellation">ends the training between two batches</param>
    public Trained Train(string folder, ResumePoint resume, int until, CancellationToken cancellation)
    {
        using var model = RecommenderModel.Create(
            folder, trainCase.Recommender, catalogue, Hyper, trainCase.Seed, RuntimeOptions.Of(context), start is null ? null : Begin);
        if (encoders is not null) model.RebuildEvery = encoders.RebuildEvery;
        var trained = resume.Decided(setting) ?? TrainOn(model, resume, until, cancellation);
        if (trained.BestEpoch is not { } best) return trained;
        resume.LoadBest(model, encoders, best);
        if (encoders is not null) CaseEncoders.Write(trainCase, encoders, context.Output.Recipe, Path.Combine(folder, EncoderFolder));
        var (users, items) = model.Save(folder, cancellation);
        return trained with { Users = users, Items = items };

        void Begin(IReadOnlyList<Parameter> drawn)
        {
            var told = start!.LayOver(drawn);
            if (resume.NextEpoch is null && resume.Decided(setting) is null) context.Progress.Note(Told(told));
        }
    }

    private Trained TrainOn(RecommenderModel model, ResumePoint resume, int until, CancellationToken cancellation)
    {
        var sampler = new TripleSampler(data, options.BatchSize, SeededRandom.For(trainCase.Seed, "triples"));
        // An epoch of encoders can take hours, so that each of its batches counts.
        var units = encoders is null ? 1 : sampler.BatchesPerEpoch;
        using var progress = context.Progress.Start($"train {trainCase.Name} {setting.Name}".TrimEnd(), (long)until * units);
        var stopping = new EarlyStopping(options.Patience);
        var epoch = resume.Restore(model, encoders, sampler, stopping, _history);
        progress.Advance((long)epoch * units);
        var pace = new SavePace(context.Clock);
        encoders?.Begin(model);
        string? stopped = null;
        while (epoch < until && !stopping.ShouldStop && stopped is null)
        {
            try
            {
                TrainAndMeasure();
            }
            catch (DivergedException e)
            {
                stopped = $"{e.Message}; {Remedy}{(stopping.BestEpoch < 0 ? "" : $"; the model of epoch {stopping.BestEpoch} was kept")}";
                context.Progress.Note($"warning: {Told(stopped)}");
            }
        }
        return stopping.BestEpoch < 0
            ? new Trained(setting, Validation: null, BestEpoch: null, epoch, default, default, _history, stopped)
            : new Trained(setting, stopping.Best, stopping.BestEpoch, epoch, default, default, _history, stopped);

        void TrainAndMeasure()
        {
            var start = context.Clock.GetTimestamp();
            var pictures = encoders?.Pictures;
            RunEpoch(epoch, sampler, model, progress, cancellation);
            epoch++;
            var seconds = context.Clock.GetElapsedTime(start).TotalSeconds;
            context.Output.Timings["secondsPerEpoch"] = Math.Round(seconds, 3);
            if (encoders?.Pictures > pictures) context.Output.Timings["picturesPerSecond"] = Math.Round((encoders.Pictures - pictures.Value) / seconds, 1);
            if (encoders is null) progress.Advance(1);
            if (epoch % options.EvaluateEvery != 0 && epoch != Epochs) return;

            if (stopping.Improves(epoch - 1, Evaluate(epoch - 1, model.Vectors(cancellation), cancellation))) resume.SaveBest(model, encoders, epoch - 1);
            progress.Describe(string.Create(CultureInfo.InvariantCulture, $"best {DecidingMetric.Name(_deciding, DecidingMetric.Cutoff)} {stopping.Best:0.0000} in epoch {stopping.BestEpoch}"));
            if (pace.IsDue || epoch == until || stopping.ShouldStop) pace.Save(() => resume.Save(epoch, model, encoders, sampler, stopping, _history));
        }
    }

    private void RunEpoch(int epoch, TripleSampler sampler, RecommenderModel model, IProgressTask progress, CancellationToken cancellation)
    {
        var sums = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var (batch, first) = (0, 0.0);
        var learningRate = Hyper.LearningRate * Math.Pow(Hyper.LearningRateDecay, epoch / 50.0);
        model.BeginEpoch(cancellation);
        var batches = sampler.Epoch().Select(triples =>
        {
            encoders?.Encode(triples, model, cancellation);
            return model.Prepare(triples, cancellation);
        });
        // What an encoder gives depends on the step before, and a graph that is built anew on what it gives.
        foreach (var prepared in encoders is null ? Ahead.Of(batches) : batches)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var result = model.Step(prepared, learningRate);
                foreach (var (name, value) in result.Parts.Append(KeyValuePair.Create(RecommenderModel.Loss, result.Loss)))
                    sums[name] = sums.GetValueOrDefault(name) + value;
                if (batch == 0) first = result.Loss;
                if (encoders is not null) sums[GradientNorm] = sums.GetValueOrDefault(GradientNorm) + result.GradientNorm;
                encoders?.Learn(model, cancellation);
            }
            catch (NotFiniteException e)
            {
                throw new DivergedException($"epoch {epoch}, batch {batch}", e.Message, e);
            }
            if (encoders is not null) progress.Advance(1);
            batch++;
        }
        foreach (var (name, sum) in sums) Record(epoch, name, sum / batch);
        if (encoders is null) return;
        Record(epoch, LearningRate, learningRate);
        var (loss, before) = (sums[RecommenderModel.Loss] / batch, epoch == 0 ? first : _history.First(row => row.Name == RecommenderModel.Loss).Value);
        if (loss - before > FarAbove * Math.Max(1, Math.Abs(before)))
            throw new DivergedException($"epoch {epoch}", string.Create(CultureInfo.InvariantCulture, $"the loss rose from {before:0.00} to {loss:0.00}"));
        try
        {
            foreach (var (name, mean) in encoders.EndEpoch(model, cancellation)) Record(epoch, name, mean);
        }
        catch (NotFiniteException e)
        {
            throw new DivergedException($"epoch {epoch}", e.Message, e);
        }
        if (encoders.Collapsed is { } tower) throw new DivergedException($"epoch {epoch}", $"all items have the same vector of {tower}");
    }

    private double Evaluate(int epoch, (Vectors Users, Vectors Items) vectors, CancellationToken cancellation)
    {
        UserMetrics metrics;
        try
        {
            metrics = AllRankProtocol.Measure(
                vectors.Users, vectors.Items, data.TrainItems, data.ValidationItems, Metrics, Cutoffs, context.Threads, cancellation);
        }
        catch (InvalidVectorException e)
        {
            var (kind, ids) = e.Owner == VectorOwner.User ? ("user", data.UserIds) : ("item", data.ItemIds);
            throw new DivergedException($"epoch {epoch}", $"the vector of {kind} '{ids[e.Index]}' {e.Fault}", e);
        }
        foreach (var (metric, cutoff) in metrics.Columns)
            Record(epoch, DecidingMetric.Name(metric, cutoff), metrics.Mean(metric, cutoff), decides: (metric, cutoff) == (_deciding, DecidingMetric.Cutoff));
        return metrics.Mean(_deciding, DecidingMetric.Cutoff);
    }

    private string Remedy => $"lower train.options.{trainCase.Recommender.Name}.learningRate{(trainCase.EndToEnd ? " or train.ete.learningRate" : "")}"
        + (trainCase.Features is null ? "" : ", or look for features that are too large");

    private string Told(string what) => $"{trainCase.Name}: {(setting.Name.Length == 0 ? "" : $"{setting.Name}: ")}{what}";

    private void Record(int epoch, string name, double value, bool decides = false) => _history.Add(new HistoryRow(setting.Name, epoch, name, value, decides));
}
