using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Cases;

/// <summary>How long an encoder's vectors are; null where it makes none.</summary>
internal sealed record VectorWidths(int? Visual, int? Textual)
{
    /// <summary>Reads them from the first vectors of a features artifact; null where there is none.</summary>
    /// <exception cref="InvalidInputException">A table is broken.</exception>
    public static async Task<VectorWidths?> ReadAsync(string folder, CancellationToken cancellation)
    {
        if (Manifest.TryRead(folder) is not { } manifest) return null;
        var widths = new VectorWidths(null, null);
        await foreach (var row in TableFile.StreamFolderAsync<FeatureRow>(folder, cancellation: cancellation))
        {
            widths = new VectorWidths(widths.Visual ?? row.Visual?.Length, widths.Textual ?? row.Textual?.Length);
            if (IsKnown("visual", widths.Visual) && IsKnown("textual", widths.Textual)) break;
        }
        return widths;

        bool IsKnown(string modality, int? width) => width is not null || ((int?)manifest.Facts[modality]?[FeatureStatus.Ok] ?? 0) == 0;
    }
}
