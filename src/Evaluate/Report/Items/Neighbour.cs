namespace LmmRec.Evaluate.Report.Items;

/// <summary>An item near another one.</summary>
/// <param name="Item">dense index</param>
/// <param name="Cosine">of the angle between their vectors</param>
internal sealed record Neighbour(int Item, double Cosine)
{
    /// <summary>Neighbours that are kept of an item.</summary>
    public const int Kept = 4;

    /// <summary>Puts an item into a list of the nearest, nearest first; of equal ones the one that came first stands first.</summary>
    public static void Insert(List<Neighbour> nearest, Neighbour candidate)
    {
        var place = nearest.FindLastIndex(other => other.Cosine >= candidate.Cosine) + 1;
        if (place == Kept) return;
        nearest.Insert(place, candidate);
        if (nearest.Count > Kept) nearest.RemoveAt(Kept);
    }
}
