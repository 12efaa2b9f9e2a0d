using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest;

/// <summary>Decides which of a finished artifact's pictures, and whether a file that was fetched, are asked for again.</summary>
/// <param name="wanted">what the command says</param>
/// <param name="refreshHours">hours after which all are; null: never by themselves</param>
/// <param name="clock">the time</param>
internal sealed class Refreshing(AskAgain wanted, double? refreshHours, TimeProvider clock)
{
    /// <summary>The key in an artifact's timings that says when all was asked for last.</summary>
    public const string Asked = "asked";

    /// <summary>Why the step of <paramref name="folder"/> runs again; null: no reason.</summary>
    public string? Reason(string folder)
    {
        if (Manifest.TryRead(folder)?.Facts["pictures"] is not JsonObject pictures) return null;
        var failed = Count(PictureStatus.Failed) + Count(PictureStatus.HostAway) + Count(PictureStatus.Kept);
        var all = pictures.Sum(p => (int)p.Value!) - Count(PictureStatus.None);
        return Asks(folder) switch
        {
            AskAgain.Failed when failed > 0 => $"--retry-failed: {failed} pictures are asked for again",
            AskAgain.Everything when all > 0 && wanted == AskAgain.Everything => $"--refresh: {all} pictures are asked for again",
            AskAgain.Everything when all > 0 => $"{all} pictures were asked for {When(folder)}",
            _ => null,
        };

        int Count(string status) => (int?)pictures[status] ?? 0;
    }

    /// <summary>Why the step that fetched the file in <paramref name="folder"/> asks for it again; null: no reason.</summary>
    public string? FileReason(string folder) => Asks(folder) != AskAgain.Everything ? null
        : wanted == AskAgain.Everything ? "--refresh: the file is asked for again" : $"the file was asked for {When(folder)}";

    /// <summary>What a run for <paramref name="folder"/> asks for again: what the command says, or all where it says nothing and it is time.</summary>
    public AskAgain Asks(string folder) => wanted == AskAgain.Nothing && IsDue(folder) ? AskAgain.Everything : wanted;

    /// <summary>Notes when all pictures were asked for last.</summary>
    public void Note(ArtifactWriter output, AskAgain asked) =>
        output.Timings[Asked] = ((asked == AskAgain.Everything ? null : LastAsked(output.Replaces)) ?? clock.GetUtcNow()).ToString("O", CultureInfo.InvariantCulture);

    // By a clock that was far ahead then, nothing would be asked for until the time that it showed. A little ahead is what a run that is taken up made itself: its clock begins anew.
    private bool IsDue(string folder) => refreshHours is { } hours && Age(folder) is { } age && age.Duration() > TimeSpan.FromHours(hours);

    private string When(string folder) => Age(folder) < TimeSpan.Zero ? "at a time that is still to come: the clock was set back" : $"more than {refreshHours} hours ago";

    private TimeSpan? Age(string folder) => clock.GetUtcNow() - LastAsked(folder);

    // Null where it is not known, such as for an artifact that was brought without its timings.
    private static DateTimeOffset? LastAsked(string folder) =>
        DateTimeOffset.TryParse(Timings.Of(folder).Text(Asked), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var last) ? last : null;
}
