using LmmRec.Encoders.Training;
using LmmRec.Graphs;
using LmmRec.Train.Harness;

namespace LmmRec.Train.Tuning;

/// <summary>What an update reports.</summary>
/// <param name="Losses">the loss of the batch, and its parts where it has several, before the update</param>
/// <param name="GradientNorm">norm of all gradients together, before it was clipped</param>
internal sealed record Updated(IReadOnlyDictionary<string, double> Losses, double GradientNorm);

/// <summary>
/// One update. A batch that fits is run at once. A larger one is run twice, part by part: first for its vectors, which are then compared all with
/// all, then to bring their gradients back into the encoder. That is the gradient of the whole batch in the memory of one part. VLMo's fused losses are
/// means over pairs, which the second pass adds up. What the first parts are fed is kept for the second pass, as far as <paramref name="keptBytes"/> go.
/// </summary>
/// <param name="model">the encoder in training</param>
/// <param name="microBatch">pairs of a part</param>
/// <param name="keptBytes">of pictures of one batch that are kept; the default is 222 pictures of 224 × 224 pixels</param>
internal sealed class TuneStep(TuningModel model, int microBatch, long keptBytes = 128 << 20)
{
    private const string Loss = "loss", Contrast = "contrast";

    /// <summary>The parts of a batch of this many pairs that <see cref="Run"/> takes, in that order.</summary>
    public IEnumerable<Range> Parts(int pairs) => model.AtOnce ? [0..pairs] : [.. Once(pairs), .. Once(pairs).Where(part => !IsKept(part))];

    /// <summary>Updates the encoder by a batch.</summary>
    /// <param name="pairs">how many pairs it has</param>
    /// <param name="next">gives what the encoder is fed for the next of <see cref="Parts"/></param>
    /// <param name="fused">by the logits of the batch, what VLMo's fused losses are fed; null: there are none</param>
    /// <param name="learningRate">of the update</param>
    /// <exception cref="NotFiniteException">The loss or a gradient is not finite; nothing was updated.</exception>
    public Updated Run(int pairs, Func<Batch> next, Func<float[], FusedFeed>? fused, double learningRate)
    {
        var losses = model.AtOnce ? new() { [Loss] = model.Accumulate(next()).Loss } : InParts(pairs, next, fused);
        return new Updated(losses, model.Update(learningRate));
    }

    private Dictionary<string, double> InParts(int pairs, Func<Batch> next, Func<float[], FusedFeed>? fused)
    {
        var kept = new Queue<Batch>();
        var vectors = Rows.Join(pairs, Once(pairs).Select(part =>
        {
            var batch = next();
            if (IsKept(part)) kept.Enqueue(batch);
            return model.Encode(batch);
        }));
        var compared = model.Compare(vectors);
        using var more = fused is null ? null : Ahead.Of(Others(fused(compared.Logits!))).GetEnumerator();
        var parts = TuningPlan.Fused(model.Tuning).ToDictionary(loss => loss, _ => 0.0);
        foreach (var part in Once(pairs))
        {
            var batch = kept.Count > 0 ? kept.Dequeue() : next();
            int[] rows = RowsOf(part);
            // Temperatures belong to no part: they come with the first.
            var ofTemperatures = compared.OfTemperatures.ToDictionary(t => t.Key, t => rows[0] == 0 ? t.Value : TensorData.Scalar(0f));
            foreach (var (name, value) in TuningPlan.ToInject(Rows.Of(compared.OfVectors, rows)).Concat(TuningPlan.ToInject(ofTemperatures))) batch[name] = value;
            if (more is null) model.Accumulate(batch);
            else
            {
                more.MoveNext();
                foreach (var (name, value) in more.Current.Feed) batch[name] = value;
                var result = model.Accumulate(batch);
                foreach (var (loss, weight) in more.Current.Weights) parts[loss] += weight * result.Parts[loss];
            }
        }
        if (more is null) return new() { [Loss] = compared.Loss };
        return new(parts) { [Contrast] = compared.Loss, [Loss] = compared.Loss + parts[FusedLoss.Matching] + FusedLoss.WordsWeight * parts[FusedLoss.Words] };

        IEnumerable<(Batch Feed, IReadOnlyDictionary<string, double> Weights)> Others(FusedFeed feed) => Once(pairs).Select(part => feed.Of(RowsOf(part)));
    }

    private bool IsKept(Range part) => part.End.Value * model.PictureBytes <= keptBytes;

    private static int[] RowsOf(Range part) => [.. Enumerable.Range(part.Start.Value, part.End.Value - part.Start.Value)];

    private IEnumerable<Range> Once(int pairs)
    {
        for (var first = 0; first < pairs; first += microBatch) yield return first..Math.Min(pairs, first + microBatch);
    }
}
