namespace LmmRec.Artifacts.Tables;

[Table("ingest", "items", "One row per item of the catalogue, in index order")]
public sealed record ItemRow(
    [Column("dense index, 0-based")] int Item,
    [Column("the shop's own id, such as an ASIN")] string ItemId,
    [Column("title as the shop gave it")] string? Title,
    [Column("brand as the shop gave it")] string? Brand,
    [Column("the entries of the first category path")] string[] Categories,
    [Column("description; lists are joined by a blank")] string? Description,
    [Column("where the picture is, without user name and password; of a file, its name")] string? ImageUrl,
    [Column("what text encoders read: title, brand, categories, description (docs/data.md#text-of-an-item); empty when the catalogue has no texts")] string Text);

[Table("ingest", "users", "One row per user, in index order")]
public sealed record UserRow(
    [Column("dense index, 0-based")] int User,
    [Column("the shop's own id of the user")] string UserId);

[Table("ingest", "interactions", "One row per interaction that survived the filters")]
public sealed record InteractionRow(
    [Column("dense user index")] int User,
    [Column("the shop's own id of the user")] string UserId,
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("rating as given; not used for training")] double? Rating,
    [Column("when it happened")] DateTime? Time,
    [Column("train, validation or test")] string Split);

/// <summary>The values of <see cref="InteractionRow.Split"/>.</summary>
public static class Splits
{
    public const string Train = "train", Validation = "validation", Test = "test";
}

[Table("ingest", "images", "One row per different picture that came, in the order of the first items that have them; sharded", RowsPerGroup = 100)]
public sealed record ImageRow(
    [Column("dense index of the first item that has it; the table pictures says which others do")] int Item,
    [Column("the shop's own id of that item")] string ItemId,
    [Column("where it came from, without user name and password; of a file of the user's, its name")] string Url,
    [Column("SHA-256 of the bytes, lower-case hexadecimal")] string Sha256,
    [Column("width in pixels")] int Width,
    [Column("height in pixels")] int Height,
    [Column("the file as it came")] byte[] Bytes);

[Table("ingest", "pictures", "One row per item, in index order: what became of its picture")]
public sealed record PictureRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("where it came from or, where none came, was asked for last; as in the table images; absent where the item has no address")] string? Url,
    [Column("ok; kept (it came once and cannot be had any more); placeholder (the shop's picture for 'no picture', told by repetition); none (the item has no address); opted-out (its server bars it from such use); host-away (its server did not answer); failed")] string Status,
    [Column("status of the server's last answer; absent where there was none, such as for a file")] int? HttpStatus,
    [Column("why there is none today; absent where it came")] string? Reason,
    [Column("size of the file in bytes")] int? Bytes,
    [Column("SHA-256 of the file, lower-case hexadecimal")] string? Sha256,
    [Column("width in pixels")] int? Width,
    [Column("height in pixels")] int? Height,
    [Column("the row of the table images, 0-based over its shards, that holds the file; several items may share one")] int? Image)
{
    /// <summary>Whether the item has a picture that says something about it.</summary>
    public bool ShowsItem => PictureStatus.ShowsItem(Status);
}

/// <summary>The values of <see cref="PictureRow.Status"/>.</summary>
public static class PictureStatus
{
    public const string Ok = "ok", Kept = "kept", Placeholder = "placeholder", None = "none", OptedOut = "opted-out", HostAway = "host-away", Failed = "failed";

    /// <summary>Whether an item of this status has a picture that says something about it.</summary>
    public static bool ShowsItem(string status) => status is Ok or Kept;
}

[Table("ingest", "failures", "One row per item, line or picture that could not be used")]
public sealed record FailureRow(
    [Column("what failed: file, metadata line, interaction, item row, feature record, item (it has no metadata), picture; or more: how many further failures are not listed")] string Kind,
    [Column("id of the item, or file and line; empty for more")] string Id,
    [Column("where it was asked for")] string? Url,
    [Column("why")] string Reason);

[Table("ingest", "matrix-<name>", "One row per item that a feature matrix of the user's has a row for, in index order; one table per matrix", RowsPerGroup = 1024)]
public sealed record MatrixRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("the row of the matrix")] float[] Vector);
