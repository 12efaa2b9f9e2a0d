namespace LmmRec.Ingest.Pictures;

/// <summary>What a run asks, against which the answers are held that a killed run left.</summary>
/// <param name="Asks">what is asked for again</param>
/// <param name="Since">older answers are none any more; null: they do not age</param>
internal sealed record PictureQuestion(AskAgain Asks, DateTimeOffset? Since)
{
    /// <summary>The question of a run that begins now.</summary>
    /// <param name="asks">what is asked for again</param>
    /// <param name="refreshHours">hours after which all is; null: never by itself</param>
    /// <param name="clock">the time</param>
    public static PictureQuestion Of(AskAgain asks, double? refreshHours, TimeProvider clock) =>
        new(asks, refreshHours is { } hours ? clock.GetUtcNow() - TimeSpan.FromHours(hours) : null);

    /// <summary>
    /// Whether <paramref name="entry"/> answers it. One of a run that asked for something else does only where its picture came: what that run took
    /// over may be asked for now, and what failed then may come.
    /// </summary>
    public bool IsAnsweredBy(PictureEntry entry) =>
        (!entry.WasAsked || Since is null || entry.Note.When >= Since) && (entry.Asks == Asks || (entry.WasAsked && entry.Reason is null));
}
