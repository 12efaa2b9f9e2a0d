using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;

namespace LmmRec.Ingest.Pictures;

/// <summary>Where an item's picture may be had, the preferred place first.</summary>
internal sealed record PictureWish(string ItemId, IReadOnlyList<PicturePlace> Places)
{
    /// <summary>The first place that may have it; null: there is none.</summary>
    public PicturePlace? First
    {
        get
        {
            foreach (var place in Places)
                if (place.Fault is null) return place;
            return null;
        }
    }

    /// <summary>Whether a picture from <paramref name="url"/>, as shown, is what is wished for.</summary>
    public bool Names(string url) => Places.Any(place => place.Shown == url);
}

/// <summary>The file of a picture as far as its header tells.</summary>
internal sealed record PictureFile(int Bytes, string Sha256, int Width, int Height);

/// <summary>What became of a wish.</summary>
/// <param name="ItemId">whose picture it is</param>
/// <param name="Url">as shown: the address that was taken, or asked last</param>
/// <param name="Status">of <see cref="PictureStatus"/></param>
/// <param name="HttpStatus">of the last answer; null: there was none</param>
/// <param name="Reason">why there is none today; null where it came</param>
/// <param name="File">the picture; null: there is none</param>
/// <param name="FormerImage">the row of the former artifact's images that holds the file; null: the file belongs to this entry</param>
/// <param name="Note">when and how it was fetched</param>
internal sealed record PictureEntry(
    string ItemId, string Url, string Status, int? HttpStatus, string? Reason, PictureFile? File, int? FormerImage, FetchNote Note)
{
    /// <summary>What the run asked for again that this is an outcome of.</summary>
    public AskAgain Asks { get; init; }

    /// <summary>Whether it was asked for in that run; else the run before had it.</summary>
    public bool WasAsked { get; init; } = true;
}

/// <summary>When and how a picture was fetched: what differs from run to run, one line of <c>fetches.jsonl</c>.</summary>
/// <param name="ItemId">whose picture it is</param>
/// <param name="Url">as shown</param>
/// <param name="Attempts">requests of the last run that asked</param>
/// <param name="When">when that was</param>
/// <param name="Seconds">how long it took, waits included</param>
/// <param name="Came">when the picture came last, or its server said that it is unchanged; null: never</param>
/// <param name="Version">what the server calls it</param>
/// <param name="GoneSince">when it was first found that it cannot be had any more; null: it can, as far as is known</param>
internal sealed record FetchNote(
    string ItemId, string Url, int Attempts, DateTimeOffset When, double Seconds, DateTimeOffset? Came, ContentVersion? Version, DateTimeOffset? GoneSince = null);
