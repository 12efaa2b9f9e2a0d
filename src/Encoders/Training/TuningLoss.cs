namespace LmmRec.Encoders.Training;

/// <summary>What fine-tuning minimises (docs/encoders.md#fine-tuning-losses).</summary>
public enum TuningLoss
{
    /// <summary>Image-text contrast, ITC.</summary>
    Itc,

    /// <summary>The sigmoid loss of SigLIP.</summary>
    Sigmoid,

    /// <summary>VLMo's own: ITC on both paths, matching, and a quarter of the masked words.</summary>
    Vlmo,
}
