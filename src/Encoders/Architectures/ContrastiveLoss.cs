using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>Losses that bring the vectors of a picture and of its own text together and part them from the batch's others (docs/encoders.md#fine-tuning-losses).</summary>
public static class ContrastiveLoss
{
    /// <summary>The largest value of a logit scale, ln 100; the smallest is 0.</summary>
    public const double LargestLogitScale = 4.605170185988092;

    /// <summary>Where the temperature of ITC starts, ln(1 / 0.07), and temperature and bias of the sigmoid loss, ln 10 and −10.</summary>
    public const float FirstLogitScale = 2.6592600f, FirstSigmoidScale = 2.3025851f, FirstLogitBias = -10;

    /// <summary>exp(scale) · cosine of every picture with every text.</summary>
    /// <param name="images">[B, F]</param>
    /// <param name="texts">[B, F]</param>
    /// <param name="logitScale">ln of the temperature's inverse, of rank 0</param>
    /// <returns>[B, B], a row per picture</returns>
    public static Tensor Logits(Tensor images, Tensor texts, Tensor logitScale) =>
        images.Normalize().Gemm(texts.Normalize(), transB: true) * logitScale.Exp();

    /// <summary>Image-text contrast (ITC): ½ (cross entropy of the rows + of the columns) of <see cref="Logits"/> with the diagonal as target.</summary>
    /// <inheritdoc cref="Logits" path="/param"/>
    public static Tensor Itc(Tensor images, Tensor texts, Tensor logitScale)
    {
        var logits = Logits(images, texts, logitScale);                                                                      // [B, B]
        return (logits.LogSumExp([1]).ReduceMean() + logits.LogSumExp([0]).ReduceMean()) * 0.5 - Matching(images, texts, logitScale);
    }

    /// <summary>
    /// The sigmoid loss of SigLIP: every pair of the batch is a question of its own, does this text belong to this picture. With
    /// x = exp(scale) · cosine + bias it is the sum over all pairs of −log σ(x) where it does and −log σ(−x) where it does not, divided by B.
    /// </summary>
    /// <param name="images">[B, F]</param>
    /// <param name="texts">[B, F]</param>
    /// <param name="logitScale">ln of the temperature's inverse, of rank 0</param>
    /// <param name="logitBias">of rank 0</param>
    public static Tensor Sigmoid(Tensor images, Tensor texts, Tensor logitScale, Tensor logitBias)
    {
        var logits = Logits(images, texts, logitScale) + logitBias;                                                          // [B, B]
        return logits.Softplus().ReduceSum([1]).ReduceMean() - Matching(images, texts, logitScale) - logitBias;              // −log σ(x) = softplus(x) − x
    }

    // The diagonal's mean.
    private static Tensor Matching(Tensor images, Tensor texts, Tensor logitScale) =>
        (images.Normalize() * texts.Normalize()).ReduceSum([1]).ReduceMean() * logitScale.Exp();
}
