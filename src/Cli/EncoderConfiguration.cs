using System.Text.Json.Serialization;
using LmmRec.Featurize;
using LmmRec.Train.Tuning;

namespace LmmRec.Cli;

/// <summary>An encoder, and how it is tuned: what two stages want to know of it.</summary>
public sealed record EncoderConfiguration : EncoderOptions
{
    /// <summary>How it is fine-tuned, where the paradigm <c>ft</c> is wanted or <c>lmmrec tune</c> names it.</summary>
    [JsonPropertyOrder(1)] // it is listed after what all encoders have
    public TuneOptions Tune { get; init; } = new();

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Why)> Unused()
    {
        foreach (var unused in base.Unused()) yield return unused;
        if (!Paradigms.Contains(Paradigm.Ft)) yield return ("tune", "the encoder's paradigms do not name ft; only 'lmmrec tune' uses it");
    }
}
