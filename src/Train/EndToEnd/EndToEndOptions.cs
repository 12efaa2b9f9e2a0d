using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;
using LmmRec.Train.Recommenders;
using LmmRec.Train.Tuning;

namespace LmmRec.Train.EndToEnd;

/// <summary>When the encoder learns.</summary>
public enum EndToEndMode
{
    /// <summary>In every step, from the items of the batch.</summary>
    Step,

    /// <summary>Once an epoch, from all items and the sum of their gradients: the paper's algorithm to the letter, and the cheapest.</summary>
    Epoch,
}

/// <summary>How encoders are trained together with a recommender (docs/recommenders.md#end-to-end). All change the output.</summary>
public sealed record EndToEndOptions : IChecked
{
    /// <summary>When the encoder learns. Default: step.</summary>
    public EndToEndMode Mode { get; init; }

    /// <summary>Learning rate of the encoder; default 1e-5; 1e-9 to 1.</summary>
    [Range(1e-9, 1.0)]
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Decay of the encoder's matrices, apart from the gradient (AdamW); gains and biases have none. Default 0.01; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>How the encoder's learning rate goes on; where it falls, down to 0 at the last of <c>train.epochs</c>. Default: constant.</summary>
    public TuneSchedule Schedule { get; init; } = TuneSchedule.Constant;

    /// <summary>A larger norm of all gradients of the encoder is scaled down to it; default 1; 1e-6 to 1e6.</summary>
    [Range(1e-6, 1e6)]
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Items of a batch that the encoder learns from, drawn where it has more; default 128; 1 to 65536.</summary>
    [Range(1, 1 << 16)]
    public int EncoderItems { get; init; } = 128;

    /// <summary>Items that are run through the encoder at once, which decides the memory and not the gradient; default 16; 1 to 65536.</summary>
    [Range(1, 1 << 16)]
    public int MicroBatch { get; init; } = 16;

    /// <summary>The uppermost blocks of each tower that are trained, with what comes behind them; below, all is frozen. Default: all blocks; 0 to 1000.</summary>
    [Range(0, 1000)]
    public int? LastBlocks { get; init; }

    /// <summary>Steps from one in which LATTICE's item graph is built, with a gradient to the encoder, to the next; default 10; 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int ItemGraphEvery { get; init; } = 10;

    /// <summary>Whether what the frozen blocks give for an item is worked out once and kept on disk until the training ends. Default: none.</summary>
    public KeptPrefix KeepPrefix { get; init; }

    /// <summary>What of it changes what <paramref name="recommender"/> becomes.</summary>
    internal JsonObject RecipeFor(Recommender recommender)
    {
        var recipe = ConfigurationBinder.ToJson(this);
        if (!recommender.LearnsItemGraph) recipe.Remove("itemGraphEvery");
        if (Mode == EndToEndMode.Epoch) recipe.Remove("encoderItems");
        return recipe;
    }

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        if (KeepPrefix != KeptPrefix.None && LastBlocks is null) yield return ("keepPrefix", PrefixStore.NothingFrozen);
    }

    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Mode == EndToEndMode.Epoch) yield return ("encoderItems", "an epoch's one step takes all items");
    }
}
