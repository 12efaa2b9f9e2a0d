using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Losses that several recommenders share (spec recommenders 0.2).</summary>
internal static class Losses
{
    /// <summary>Dot product of each user's and each item's row: [B, D] × [B, D] → [B].</summary>
    public static Tensor Score(Tensor users, Tensor items) => (users * items).ReduceSum([1]);

    /// <summary>BPR-ε: mean over the batch of −log(ε + σ(s⁺ − s⁻)); scores are [B].</summary>
    public static Tensor Bpr(Tensor positive, Tensor negative, double epsilon = 1e-10) =>
        -(epsilon + (positive - negative).Sigmoid()).Log().ReduceMean(); // []

    /// <summary>
    /// FrobReg, MMRec's embedding loss: the Frobenius norms of the matrices, not squared, summed and divided by the rows of the last.
    /// The gradient of the norm of an all-zero matrix is 0.
    /// </summary>
    public static Tensor Frobenius(params Tensor[] matrices) =>
        matrices.Select(m => m.ReduceL2()).Aggregate((a, b) => a + b) / matrices[^1].SizeOf(0);
}
