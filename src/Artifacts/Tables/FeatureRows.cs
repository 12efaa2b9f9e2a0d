namespace LmmRec.Artifacts.Tables;

[Table("features/<encoder>", "features", "One row per item and encoder, in index order; sharded. A vector is there only where the encoder made one", RowsPerGroup = 1024)]
public sealed record FeatureRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("visual vector, not normalised; absent where visual_status is not ok")] float[]? Visual,
    [Column("ok, missing (the item has no picture), none (the encoder has no such output), undecodable: reason, or too-large (more pixels than are decoded)")] string VisualStatus,
    [Column("textual vector, not normalised; absent where textual_status is not ok")] float[]? Textual,
    [Column("ok, missing (the item has no text), none (the encoder has no such output) or undecodable: reason")] string TextualStatus,
    [Column("SHA-256 of the picture's file, of which visual was made; absent where there is none, or the vector was the user's")] string? PictureSha256 = null,
    [Column("SHA-256 of the item's text in UTF-8, of which textual was made; absent where there is none, or the vector was the user's")] string? TextSha256 = null);

/// <summary>The values of <see cref="FeatureRow.VisualStatus"/> and <see cref="FeatureRow.TextualStatus"/>.</summary>
public static class FeatureStatus
{
    public const string Ok = "ok", Missing = "missing", None = "none", Undecodable = "undecodable", TooLarge = "too-large";

    /// <summary>The status of a picture or text that the encoder makes nothing of.</summary>
    public static string BecauseOf(string reason) => $"{Undecodable}: {reason}";
}
