using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>Cross entropy with given classes, of matching pairs (ITM) and of masked words (MLM): docs/encoders.md#fine-tuning-losses.</summary>
public static class ClassificationLoss
{
    /// <summary>Mean of −log softmax(logits)[label] over the labels that are not negative; 0 where all are.</summary>
    /// <param name="logits">[…, C]</param>
    /// <param name="labels">[…], int64; a negative label does not count</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        var counts = labels.GreaterOrEqual(labels.Graph.Scalar(0, labels.Type)).Cast(logits.Type);                                  // […]
        var chosen = logits.LogSoftmax().GatherElements(labels.Max(0).Unsqueeze(labels.Rank), labels.Rank).Squeeze(labels.Rank);     // […]
        return -(chosen * counts).ReduceSum() / counts.ReduceSum().Max(1);
    }
}
