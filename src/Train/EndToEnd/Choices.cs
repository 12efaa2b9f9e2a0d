namespace LmmRec.Train.EndToEnd;

/// <summary>How the learning rate goes on.</summary>
public enum TuneSchedule
{
    /// <summary>Half a cosine down to 0.</summary>
    Cosine,

    /// <summary>Straight down to 0.</summary>
    Linear,

    /// <summary>It stays.</summary>
    Constant,
}

/// <summary>Whether what the frozen blocks give is kept on disk, and as what.</summary>
public enum KeptPrefix
{
    /// <summary>It is worked out anew in every step.</summary>
    None,

    /// <summary>Kept as it is.</summary>
    Float32,

    /// <summary>Kept rounded, in half the room.</summary>
    Float16,
}
