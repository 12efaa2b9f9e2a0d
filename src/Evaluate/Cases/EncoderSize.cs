using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Cases;

/// <summary>How large an encoder is.</summary>
/// <param name="Visual">values of a visual vector; null: it makes none</param>
/// <param name="Textual">values of a textual vector; null: it makes none</param>
/// <param name="Parameters">all numbers of its weights; null: its features do not say</param>
internal sealed record EncoderSize(int? Visual, int? Textual, long? Parameters)
{
    /// <summary>Reads it from the manifest and the first vectors of a features artifact; null where there is none.</summary>
    /// <exception cref="InvalidInputException">A table is broken.</exception>
    public static async Task<EncoderSize?> ReadAsync(string folder, CancellationToken cancellation)
    {
        if (Manifest.TryRead(folder) is not { } manifest) return null;
        var size = new EncoderSize(null, null, (long?)manifest.Facts["parameters"]);
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            size = size with { Visual = size.Visual ?? row.Visual?.Length, Textual = size.Textual ?? row.Textual?.Length };
            if (IsKnown("visual", size.Visual) && IsKnown("textual", size.Textual)) break;
        }
        return size;

        bool IsKnown(string modality, int? width) => width is not null || ((int?)manifest.Facts[modality]?[FeatureStatus.Ok] ?? 0) == 0;
    }
}
