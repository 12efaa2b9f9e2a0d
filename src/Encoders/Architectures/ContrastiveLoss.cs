using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// Image-text contrast (ITC, docs/encoders.md#fine-tuning-losses): in a batch, every picture's own text must be the most similar one, and the
/// other way round.
/// </summary>
public static class ContrastiveLoss
{
    /// <summary>exp(scale) · cosine of every picture with every text.</summary>
    /// <param name="images">[B, F]</param>
    /// <param name="texts">[B, F]</param>
    /// <param name="logitScale">ln of the temperature's inverse, of rank 0</param>
    /// <returns>[B, B], a row per picture</returns>
    public static Tensor Logits(Tensor images, Tensor texts, Tensor logitScale) =>
        images.Normalize().Gemm(texts.Normalize(), transB: true) * logitScale.Exp();

    /// <summary>½ (cross entropy of the rows + of the columns) of <see cref="Logits"/> with the diagonal as target.</summary>
    /// <inheritdoc cref="Logits" path="/param"/>
    public static Tensor Itc(Tensor images, Tensor texts, Tensor logitScale)
    {
        var logits = Logits(images, texts, logitScale);                                                                      // [B, B]
        var matching = (images.Normalize() * texts.Normalize()).ReduceSum([1]).ReduceMean() * logitScale.Exp();              // the diagonal's mean
        return (logits.LogSumExp([1]).ReduceMean() + logits.LogSumExp([0]).ReduceMean()) * 0.5 - matching;
    }
}
