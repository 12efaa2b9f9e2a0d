namespace LmmRec.Artifacts.Tables;

[Table("models/<case>", "users", "One row per user of a trained model, in index order", RowsPerGroup = 1024)]
public sealed record UserVectorRow(
    [Column("dense user index")] int User,
    [Column("the shop's own id of the user")] string UserId,
    [Column("final vector; its dot product with an item's is the score")] float[] Vector);

[Table("models/<case>", "items", "One row per item of a trained model, in index order; items that the case dropped have none", RowsPerGroup = 1024)]
public sealed record ItemVectorRow(
    [Column("dense item index")] int Item,
    [Column("the shop's own id of the item")] string ItemId,
    [Column("final vector; its dot product with a user's is the score")] float[] Vector);

[Table("models/<case>", "history", "One row per epoch, hyper-parameter setting and named value")]
public sealed record HistoryRow(
    [Column("hyper-parameters, as name=value joined by a blank")] string Setting,
    [Column("epoch, 0-based")] int Epoch,
    [Column("loss or a part of it, end to end gradient_norm and learning_rate, also of each encoder, such as clip/gradient_norm (means over the epoch's batches), or a validation metric such as recall@20")] string Name,
    [Column("its value")] double Value,
    [Column("whether this is the metric by which the best epoch and the best setting are chosen")] bool Decides);

[Table("models/<case>", "trials", "One row per hyper-parameter setting that was tried")]
public sealed record TrialRow(
    [Column("hyper-parameters, as in history; empty where there is only one setting")] string Setting,
    [Column("epochs that were run")] int Epochs,
    [Column("the best of them, 0-based")] int BestEpoch,
    [Column("the value of the metric that decides, on the validation split, in the best epoch")] double Validation,
    [Column("the rung that it ended in, 0-based; 0 but for successive halving")] int Rung,
    [Column("whether it is the one that was chosen")] bool Chosen);

[Table("encoders/<encoder>-ft", "history", "One row per epoch of a tuning, category and named value")]
public sealed record TuningRow(
    [Column("epochs that were done; 0: before the first")] int Epoch,
    [Column("items that the value is of, by the first of their categories; absent: all")] string? Category,
    [Column("loss or a part of it, gradient_norm or learning_rate (means over the epoch's batches); of the items that were held out held_out_loss, image_spread and text_spread (1 - the lowest cosine of the first with another) and per direction (image_text, text_image) such as image_text_recall@10, and image_text_median_rank")] string Name,
    [Column("its value")] double Value,
    [Column("whether this is the value by which the best epoch is chosen")] bool Decides);
