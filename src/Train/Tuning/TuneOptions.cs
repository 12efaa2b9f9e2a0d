using System.ComponentModel.DataAnnotations;
using System.Globalization;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Training;

namespace LmmRec.Train.Tuning;

/// <summary>How an encoder is tuned on a shop's pairs of picture and text (docs/encoders.md#fine-tuning). All change the output.</summary>
public sealed record TuneOptions : IChecked
{
    /// <summary>What is minimised. Default: <c>vlmo</c> for VLMo, else <c>itc</c>.</summary>
    public TuningLoss? Loss { get; init; }

    /// <summary>Passes over the pairs; what does not fill a last batch is left out of a pass. Default 10; 1 to 10000.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; init; } = 10;

    /// <summary>
    /// Pairs that are compared with each other, and so a part of the loss: as many as differ in picture and text where they fill no such batch. Default 128;
    /// 2 to 65536.
    /// </summary>
    [Range(2, 1 << 16)]
    public int Batch { get; init; } = 128;

    /// <summary>
    /// Pairs that are run through the encoder at once, which decides the memory; a larger batch is run in parts, twice, with the same gradient.
    /// Default 32; 1 to 65536.
    /// </summary>
    [Range(1, 1 << 16)]
    public int MicroBatch { get; init; } = 32;

    /// <summary>Learning rate after the warm-up. Default: 3e-5 for VLMo, else 1e-5; 1e-9 to 1.</summary>
    [Range(1e-9, 1.0)]
    public double? LearningRate { get; init; }

    /// <summary>Decay of matrices, apart from the gradient (AdamW); vectors and the temperature have none but those of VLMo that its authors let decay. Default 0.01; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Share of all updates over which the learning rate rises; default 0.1; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double WarmUp { get; init; } = 0.1;

    /// <summary>How the learning rate goes on. Default: cosine.</summary>
    public TuneSchedule Schedule { get; init; }

    /// <summary>A larger norm of all gradients together is scaled down to it; default 1; 1e-6 to 1e6.</summary>
    [Range(1e-6, 1e6)]
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>The uppermost blocks of each tower that are trained, with what comes behind them; below, all is frozen. Default: all; 0 to 1000.</summary>
    [Range(0, 1000)]
    public int? LastBlocks { get; init; }

    /// <summary>What is trained in place of the weights of those blocks. Default: nothing, the weights are trained themselves.</summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>The learning rate of a block is that of the one above it times this; default 1; 0.01 to 1.</summary>
    [Range(0.01, 1.0)]
    public double BlockRate { get; init; } = 1;

    /// <summary>
    /// Others that a pair brings along into its batch: so many whose texts, and so many whose pictures, the encoder of the epoch's beginning takes most easily
    /// for its own; near-duplicates never. Default 0; 0 to 100.
    /// </summary>
    [Range(0, 100)]
    public int HardNegatives { get; init; }

    /// <summary>Whether pictures are cropped, flipped and changed at random. Default: true.</summary>
    public bool Augment { get; init; } = true;

    /// <summary>Whether what the frozen blocks give for a pair is worked out once and kept on disk until the tuning ends; not with <see cref="Augment"/>. Default: none.</summary>
    public KeptPrefix KeepPrefix { get; init; }

    /// <summary>Whether the activations of a block are worked out again for its gradient, which takes less memory and more time. Default: false.</summary>
    public bool Recompute { get; init; }

    /// <summary>Share of pairs that are never trained on; the epoch with the lowest loss on them is kept. Default 0.1; 0.01 to 0.5.</summary>
    [Range(0.01, 0.5)]
    public double HeldOut { get; init; } = 0.1;

    /// <summary>
    /// Which share of that size is held out. Those of 0, 1, … have no pair in common, so that tunings with <c>heldOut</c> 0.2 and the folds 0 to 4 measure every
    /// pair by an encoder that has not seen it. Default 0; 0 to 99, and no more than there are.
    /// </summary>
    [Range(0, 99)]
    public int Fold { get; init; }

    private int Folds => (int)Math.Floor(1 / HeldOut + 1e-9); // 1 / 0.05 must not be 19

    /// <summary>Whether the tuned weights are stored as 16-bit floats. Default: false.</summary>
    public bool Half { get; init; }

    /// <summary>Seed of what is held out, of the order of pairs and of all else that is drawn; default 999.</summary>
    public int Seed { get; init; } = 999;

    /// <summary>What is minimised for the encoder of <paramref name="card"/>.</summary>
    internal TuningLoss LossOf(EncoderCard card) => Loss ?? (card.Vlmo is null ? TuningLoss.Itc : TuningLoss.Vlmo);

    /// <summary>The learning rate after the warm-up for the encoder of <paramref name="card"/>.</summary>
    internal double RateOf(EncoderCard card) => LearningRate ?? (card.Vlmo is null ? 1e-5 : 3e-5);

    /// <summary>What all of it comes to for the encoder of <paramref name="card"/>: a default that was given by hand is no other option.</summary>
    public TuneOptions For(EncoderCard card) => this with { Loss = LossOf(card), LearningRate = RateOf(card), MicroBatch = Math.Min(MicroBatch, Batch) };

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Fold >= Folds) yield return ("fold", string.Create(CultureInfo.InvariantCulture, $"a share of {HeldOut} (heldOut) can be held out {Folds} times; take one of 0 to {Folds - 1}"));
        if (KeepPrefix == KeptPrefix.None) yield break;
        if (Augment) yield return ("keepPrefix", "keeps what frozen blocks give for a picture, and augment changes the picture each time that it is seen; set augment to false, or leave keepPrefix out");
        if (LastBlocks is null && Lora is null) yield return ("keepPrefix", PrefixStore.NothingFrozen);
    }

    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (MicroBatch > Batch) yield return ("microBatch", "it is larger than batch, which is run at once");
    }
}
