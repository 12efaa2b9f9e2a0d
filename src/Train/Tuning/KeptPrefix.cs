using System.Diagnostics.CodeAnalysis;

namespace LmmRec.Train.Tuning;

/// <summary>Whether what the frozen blocks give is kept on disk, and as what.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names of element types are the field's own.")]
public enum KeptPrefix
{
    /// <summary>It is worked out anew in every step.</summary>
    None,

    /// <summary>Kept as it is.</summary>
    Float32,

    /// <summary>Kept rounded, in half the room.</summary>
    Float16,
}
