namespace LmmRec.Featurize.Controls;

/// <summary>What stands in for an encoder's features, to tell whether a recommender uses them (docs/features.md#controls).</summary>
public enum Control
{
    /// <summary>Each item has the vectors of another.</summary>
    Shuffled,

    /// <summary>Normal noise with the mean and the standard deviation that the features have in each dimension.</summary>
    Noise,

    /// <summary>Every item has the mean of the features.</summary>
    Constant,
}
