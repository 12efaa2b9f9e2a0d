namespace LmmRec.Artifacts.Tables;

[Table("features/<encoder>", "features", "One row per item and encoder, in index order; sharded. A vector is there only where the encoder made one", RowsPerGroup = 1024)]
public sealed record FeatureRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("visual vector, not normalised; absent where visual_status is not ok")] float[]? Visual,
    [Column("ok, missing (nothing to encode), none (the encoder has no such output) or failed: reason")] string VisualStatus,
    [Column("textual vector, not normalised; absent where textual_status is not ok")] float[]? Textual,
    [Column("ok, missing (nothing to encode), none (the encoder has no such output) or failed: reason")] string TextualStatus);

/// <summary>The values of <see cref="FeatureRow.VisualStatus"/> and <see cref="FeatureRow.TextualStatus"/>.</summary>
public static class FeatureStatus
{
    public const string Ok = "ok", Missing = "missing", None = "none", FailedPrefix = "failed: ";
}
