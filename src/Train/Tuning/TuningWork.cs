using LmmRec.Artifacts.Steps;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;
using LmmRec.Graphs;

namespace LmmRec.Train.Tuning;

/// <summary>What a tuning takes, by the graphs of its towers.</summary>
internal static class TuningWork
{
    // VLMo's loss runs a pair's picture and text together, too: for the contrast behind the fusion, three times to match them, and once with words hidden.
    private const double PassesOfVlmo = 6;

    /// <summary>The work for a data set all of whose items have a picture and a text; null: it is not known.</summary>
    /// <param name="folder">folder of the encoder that is tuned</param>
    /// <param name="card">its card</param>
    /// <param name="options">how it is tuned</param>
    /// <param name="size">of the data set</param>
    public static StepWork? Of(string folder, EncoderCard card, TuneOptions options, DatasetSize size)
    {
        var towers = new[] { true, false }.Select(visual => TowerWork.Of(folder, visual, Freeze, options.KeepPrefix != KeptPrefix.None)).OfType<TowerWork>().ToList();
        if (towers.Count < 2) return null;
        var (forward, training, prefix) = (Sum(tower => tower.Forward), Sum(tower => tower.Training), Sum(tower => tower.Prefix));
        var heldOut = options.HeldOut * size.Items;
        var isInParts = options.MicroBatch < options.Batch; // then each pair is encoded once more
        var passes = options.LossOf(card) == TuningLoss.Vlmo ? PassesOfVlmo : 1;
        var epoch = (size.Items - heldOut) * (passes * training + (isInParts ? 1 : 0) * forward) + heldOut * forward;
        var all = size.Items * prefix + options.Epochs * epoch;
        var (parameters, trained) = (towers.Sum(tower => tower.Parameters), towers.Sum(tower => tower.Trained));
        var updates = options.Epochs * (size.Items - heldOut) / options.Batch;
        return new StepWork(
            all.MultiplyAdds, all.Bytes + updates * UpdateBytes * trained, sizeof(float) * (parameters + 3.0 * trained) + Math.Min(options.MicroBatch, options.Batch) * forward.Written,
            (options.Half ? 2 : sizeof(float)) * parameters, $"{options.Epochs} epochs of {size.Items} pairs");

        void Freeze(Graph graph) => TrainedParameters.Require(graph, options.LastBlocks, options.BlockRate);

        GraphWork Sum(Func<TowerWork, GraphWork> of) => towers.Aggregate(default(GraphWork), (sum, tower) => sum + of(tower));
    }

    /// <summary>Bytes that Adam moves for each number that is trained: value, gradient and two moments are read, all but the gradient written.</summary>
    public const double UpdateBytes = 7 * sizeof(float);
}
