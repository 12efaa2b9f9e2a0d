using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>What an update reports.</summary>
/// <param name="Loss">loss of the batch, before the update</param>
/// <param name="GradientNorm">norm of all gradients together, before it was clipped</param>
internal sealed record Updated(double Loss, double GradientNorm);

/// <summary>
/// One update. A batch that fits is run at once. A larger one is run twice, part by part: first for its vectors, which are then compared all with
/// all, then to bring their gradients back into the encoder. That is the gradient of the whole batch in the memory of one part.
/// </summary>
internal sealed class TuneStep(TuningModel model, int microBatch)
{
    /// <summary>The parts of a batch of this many pairs that <see cref="Run"/> takes, in that order.</summary>
    public IEnumerable<Range> Parts(int pairs) => model.AtOnce ? [0..pairs] : [.. Once(pairs), .. Once(pairs)];

    /// <summary>Updates the encoder by a batch.</summary>
    /// <param name="pairs">how many pairs it has</param>
    /// <param name="next">gives what the encoder is fed for the next of <see cref="Parts"/></param>
    /// <param name="learningRate">of the update</param>
    /// <exception cref="GraphException">The loss or a gradient is not finite; nothing was updated.</exception>
    public Updated Run(int pairs, Func<Batch> next, double learningRate) =>
        new(model.AtOnce ? model.Accumulate(next()) : InParts(pairs, next), model.Update(learningRate));

    private double InParts(int pairs, Func<Batch> next)
    {
        var vectors = Rows.Join([.. Once(pairs).Select(_ => model.Encode(next()))]);
        var compared = model.Compare(vectors);
        foreach (var part in Once(pairs))
        {
            var batch = next();
            // Temperatures belong to no part: they come with the first.
            var ofTemperatures = compared.OfTemperatures.ToDictionary(t => t.Key, t => part.Start.Value == 0 ? t.Value : TensorData.Scalar(0f));
            foreach (var (name, value) in TuningPlan.ToInject(Rows.Of(compared.OfVectors, [.. Enumerable.Range(0, pairs).Take(part)]))) batch[name] = value;
            foreach (var (name, value) in TuningPlan.ToInject(ofTemperatures)) batch[name] = value;
            model.Accumulate(batch);
        }
        return compared.Loss;
    }

    private IEnumerable<Range> Once(int pairs)
    {
        for (var first = 0; first < pairs; first += microBatch) yield return first..Math.Min(pairs, first + microBatch);
    }
}
