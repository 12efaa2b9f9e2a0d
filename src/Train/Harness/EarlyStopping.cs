namespace LmmRec.Train.Harness;

/// <summary>
/// Chooses the best epoch as MMRec does (docs/evaluation.md#choice-of-the-best-epoch): values are rounded to 4 decimals before they are compared,
/// only a strictly greater one counts, and training stops when more than <paramref name="patience"/> evaluations in a row brought none.
/// </summary>
/// <param name="patience">evaluations without improvement that are borne: 20 in MMRec, 50 in the paper</param>
public sealed class EarlyStopping(int patience)
{
    /// <summary>What was seen so far.</summary>
    /// <param name="Best">the best value</param>
    /// <param name="BestEpoch">its epoch</param>
    /// <param name="Without">evaluations since then</param>
    public sealed record Progress(double Best, int BestEpoch, int Without);

    private int _without;

    /// <summary>The best value so far, not rounded.</summary>
    public double Best { get; private set; } = double.NegativeInfinity;

    /// <summary>The epoch of the best value, 0-based; −1 before the first.</summary>
    public int BestEpoch { get; private set; } = -1;

    /// <summary>What is remembered, for a checkpoint; there is something after the first evaluation.</summary>
    public Progress State
    {
        get => new(Best, BestEpoch, _without);
        set => (Best, BestEpoch, _without) = value;
    }

    /// <summary>Whether training should stop.</summary>
    public bool ShouldStop => _without > patience;

    /// <summary>A value as it is compared, of epochs and of settings alike.</summary>
    public static double Compared(double value) => Math.Round(value, 4);

    /// <summary>Takes the value of an evaluation.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Improves(int epoch, double value)
    {
        if (BestEpoch >= 0 && Compared(value) <= Compared(Best))
        {
            _without++;
            return false;
        }
        (Best, BestEpoch, _without) = (value, epoch, 0);
        return true;
    }
}
