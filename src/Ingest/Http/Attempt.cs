namespace LmmRec.Ingest.Http;

/// <summary>How one attempt ended.</summary>
/// <param name="End">as far as this attempt can say</param>
/// <param name="Fault">why there is no body; null where there is one</param>
/// <param name="MayPass">whether another attempt may do better</param>
/// <param name="HttpStatus">of the answer; null: there was none</param>
/// <param name="RetryAfter">how long the server asks to wait; null: it does not say</param>
/// <param name="Version">what the server calls the content</param>
internal readonly record struct Attempt(
    FetchEnd End, string? Fault = null, bool MayPass = false, int? HttpStatus = null, TimeSpan? RetryAfter = null, ContentVersion? Version = null)
{
    public static Attempt Passing(string fault) => new(FetchEnd.Failed, fault, MayPass: true);

    public static Attempt Final(string fault, int? status = null) => new(FetchEnd.Failed, fault, HttpStatus: status);

    public static Attempt Came(HttpResponseMessage response) => new(FetchEnd.Came, HttpStatus: (int)response.StatusCode, Version: ContentVersion.Of(response));

    /// <summary>What an answer without the body means.</summary>
    public static Attempt Refused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status == 304) return WasConditional(response) ? new Attempt(FetchEnd.Unchanged, "is unchanged", HttpStatus: status) : Final("HTTP 304", status);
        if (status is >= 300 and < 400) return Final("is redirected too often, or to what is no http(s) address", status); // the client follows all others
        return new Attempt(FetchEnd.Failed, $"HTTP {status}", MayPass: status is 408 or 425 or 429 or >= 500, status, Wish(response));
    }

    // Some caches say that something is unchanged to those who have nothing.
    private static bool WasConditional(HttpResponseMessage response) => response.RequestMessage?.Headers is { IfNoneMatch.Count: > 0 } or { IfModifiedSince: not null };

    // Seconds, or a moment on the server's clock, which is not ours.
    private static TimeSpan? Wish(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - response.Headers.Date : null;
}
