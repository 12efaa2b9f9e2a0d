namespace LmmRec.Evaluate.Statistics;

/// <summary>What the tests say of two cases, at the level of <see cref="PairwiseTests.Level"/> and after the correction.</summary>
public enum Verdict
{
    /// <summary>Neither a difference nor its absence is shown: there are too few users, or they vary too much.</summary>
    Undecided,

    /// <summary>The means differ.</summary>
    Different,

    /// <summary>The means lie within the margin of each other.</summary>
    Equivalent,

    /// <summary>The means differ, and by less than the margin.</summary>
    Slight,
}
