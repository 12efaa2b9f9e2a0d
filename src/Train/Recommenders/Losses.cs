using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Losses that several recommenders share (docs/recommenders.md#losses).</summary>
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

    /// <summary>BPR-log: mean over the batch of −log σ(s⁺ − s⁻), stable for any difference; scores are [B].</summary>
    public static Tensor BprLog(Tensor positive, Tensor negative) => (negative - positive).Softplus().ReduceMean(); // []

    /// <summary>HalfSq: half of the sum of all squares.</summary>
    public static Tensor HalfSquares(params Tensor[] matrices) => matrices.Select(m => m.ReduceSumSquare()).Aggregate((a, b) => a + b) / 2; // []

    /// <summary>The cosine of each row of <paramref name="a"/> with that of <paramref name="b"/>, as PyTorch takes it: [B, D] × [B, D] → [B].</summary>
    public static Tensor Cosine(Tensor a, Tensor b) => (a.Normalize(epsilon: 1e-8) * b.Normalize(epsilon: 1e-8)).ReduceSum([1]);

    /// <summary>
    /// InfoNCE with in-batch negatives: row b of <paramref name="anchors"/> belongs to row b of <paramref name="others"/>. An item that comes twice
    /// in a batch is a false negative of itself, as in the originals.
    /// </summary>
    /// <param name="anchors">[B, D]</param>
    /// <param name="others">[B, D]</param>
    /// <param name="temperature">τ</param>
    /// <param name="challenging">[B, D]: one more negative of each anchor's own; null: none (docs/recommenders.md#mmgcl)</param>
    public static Tensor InfoNce(Tensor anchors, Tensor others, double temperature, Tensor? challenging = null)
    {
        var logits = anchors.Gemm(others, transB: true, alpha: (float)(1 / temperature)); // [B, B]
        var own = Score(anchors, others) / temperature; // [B]
        if (challenging is not null) logits = logits.Graph.Concat(1, logits, (Score(anchors, challenging) / temperature).Unsqueeze(1)); // [B, B + 1]
        return (logits.LogSumExp([1]) - own).ReduceMean(); // []
    }
}
