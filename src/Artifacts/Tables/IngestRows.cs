namespace LmmRec.Artifacts.Tables;

[Table("ingest", "items", "One row per item of the catalogue, in index order")]
public sealed record ItemRow(
    [Column("dense index, 0-based")] int Item,
    [Column("the shop's own id, such as an ASIN")] string ItemId,
    [Column("title as the shop gave it")] string? Title,
    [Column("brand as the shop gave it")] string? Brand,
    [Column("the entries of the first category path")] string[] Categories,
    [Column("description; lists are joined by a blank")] string? Description,
    [Column("where the picture is")] string? ImageUrl,
    [Column("what text encoders read: title, brand, categories, description (spec 3.5); empty when the catalogue has no texts")] string Text);

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

[Table("ingest", "images", "One row per downloaded picture, in item order; sharded", RowsPerGroup = 100)]
public sealed record ImageRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("where it came from")] string Url,
    [Column("SHA-256 of the bytes, lower-case hexadecimal")] string Sha256,
    [Column("width in pixels")] int Width,
    [Column("height in pixels")] int Height,
    [Column("the file as downloaded")] byte[] Bytes);

[Table("ingest", "failures", "One row per item, line or picture that could not be used")]
public sealed record FailureRow(
    [Column("what failed: file, metadata line, interaction, item row, record of features, item (it has no metadata), picture; or more: the count of those that found no room here")] string Kind,
    [Column("id of the item, or file and line; empty for more")] string Id,
    [Column("where it was asked for")] string? Url,
    [Column("why")] string Reason);

[Table("ingest", "matrix-<name>", "One row per item that a feature matrix of the user's has a row for, in index order; one table per matrix", RowsPerGroup = 1024)]
public sealed record MatrixRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("the row of the matrix")] float[] Vector);
