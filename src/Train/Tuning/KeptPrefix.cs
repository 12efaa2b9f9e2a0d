namespace LmmRec.Train.Tuning;

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
