using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Ingest;

/// <summary>What is asked for again though nothing changed here: pictures may have changed there.</summary>
public enum AskAgain
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The pictures that failed, or whose host was away.</summary>
    Failed,

    /// <summary>All pictures; a server that knows what we have need not send it again.</summary>
    Everything,
}

/// <summary>Decides whether a finished artifact's pictures are asked for again.</summary>
/// <param name="wanted">what the command says</param>
/// <param name="refreshHours">hours after which all are; null: never by themselves</param>
/// <param name="clock">the time</param>
internal sealed class Refreshing(AskAgain wanted, double? refreshHours, TimeProvider clock)
{
    private const string Asked = "asked";

    /// <summary>Why the step of <paramref name="folder"/> runs again; null: no reason.</summary>
    public string? Reason(string folder)
    {
        if (Manifest.TryRead(folder)?.Facts["pictures"] is not JsonObject pictures) return null;
        var failed = Count(PictureStatus.Failed) + Count(PictureStatus.HostAway) + Count(PictureStatus.Kept);
        var all = pictures.Sum(p => (int)p.Value!) - Count(PictureStatus.None);
        if (all > 0 && wanted == AskAgain.Everything) return $"--refresh: {all} pictures are asked for again";
        if (all > 0 && IsDue(folder)) return $"{all} pictures were asked for more than {refreshHours} hours ago";
        return failed > 0 && wanted == AskAgain.Failed ? $"--retry-failed: {failed} pictures are asked for again" : null;

        int Count(string status) => (int?)pictures[status] ?? 0;
    }

    /// <summary>Whether a run for <paramref name="folder"/> asks for pictures that are there, too.</summary>
    public bool AsksAll(string folder) => wanted == AskAgain.Everything || IsDue(folder);

    /// <summary>Notes when all pictures were asked for last.</summary>
    public void Note(ArtifactWriter output, bool askedAll) =>
        output.Timings[Asked] = ((askedAll ? null : LastAsked(output.Replaces)) ?? clock.GetUtcNow()).ToString("O", CultureInfo.InvariantCulture);

    private bool IsDue(string folder) => refreshHours is { } hours && LastAsked(folder) is { } last && clock.GetUtcNow() - last > TimeSpan.FromHours(hours);

    // Null where it is not known, such as for an artifact that was brought without its timings.
    private static DateTimeOffset? LastAsked(string folder)
    {
        var path = Path.Combine(folder, Manifest.TimingsFileName);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject timings && DateTimeOffset.TryParse((string?)timings[Asked], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var last) ? last : null;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
