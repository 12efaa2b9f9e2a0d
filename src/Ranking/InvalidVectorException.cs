namespace LmmRec.Ranking;

/// <summary>Whose vector it is.</summary>
public enum VectorOwner
{
    User,
    Item,
}

/// <summary>
/// A vector cannot be ranked with, since its scores would not be numbers. Carries what a caller needs to name the user or item by its own id.
/// </summary>
public sealed class InvalidVectorException(VectorOwner owner, int index, string fault)
    : Exception($"the vector of {(owner == VectorOwner.User ? "user" : "item")} {index} {fault}; scores need finite numbers")
{
    public VectorOwner Owner { get; } = owner;

    /// <summary>Dense index of the user or item.</summary>
    public int Index { get; } = index;

    /// <summary>What is wrong, as the end of a sentence about the vector.</summary>
    public string Fault { get; } = fault;
}
