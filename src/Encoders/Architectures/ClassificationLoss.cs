using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>Cross entropy with given classes: of matching pairs (ITM, spec 6.2) and of masked words (MLM, spec 6.3).</summary>
public static class ClassificationLoss
{
    /// <summary>Mean of −log softmax(logits)[label] over the labels that are not negative.</summary>
    /// <param name="logits">[…, C]</param>
    /// <param name="labels">[…], int64; a negative label does not count</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        var counts = labels.GreaterOrEqual(labels.Graph.Scalar(0, labels.Type)).Cast(logits.Type);                                  // […]
        var chosen = logits.LogSoftmax().GatherElements(labels.Max(0).Unsqueeze(labels.Rank), labels.Rank).Squeeze(labels.Rank);     // […]
        return -(chosen * counts).ReduceSum() / counts.ReduceSum();
    }
}
