using System.Net.Http.Headers;

namespace LmmRec.Ingest.Http;

/// <summary>How a fetch ended.</summary>
internal enum FetchEnd
{
    /// <summary>The body is there.</summary>
    Came,

    /// <summary>The server has what we have (304).</summary>
    Unchanged,

    /// <summary>It cannot be had.</summary>
    Failed,

    /// <summary>The server bars it from use by machines.</summary>
    OptedOut,

    /// <summary>Its host did not answer for as long as we wait.</summary>
    HostAway,
}

/// <summary>What a server calls the content that it sent: what a later request is conditional on.</summary>
/// <param name="ETag">its tag; null: none</param>
/// <param name="Modified">when it changed last; null: not said</param>
internal sealed record ContentVersion(string? ETag, DateTimeOffset? Modified)
{
    /// <summary>The version of an answer; null where it names none.</summary>
    public static ContentVersion? Of(HttpResponseMessage response)
    {
        var (tag, modified) = (response.Headers.ETag?.ToString(), response.Content.Headers.LastModified);
        return tag is null && modified is null ? null : new ContentVersion(tag, modified);
    }

    /// <summary>Asks for the content only where it is another.</summary>
    public void MakeConditional(HttpRequestHeaders headers)
    {
        if (EntityTagHeaderValue.TryParse(ETag, out var tag)) headers.IfNoneMatch.Add(tag);
        headers.IfModifiedSince = Modified;
    }
}

/// <summary>What a fetch came to.</summary>
/// <param name="End">how it ended</param>
/// <param name="Fault">why there is no body; null where there is one</param>
/// <param name="HttpStatus">of the last answer; null: there was none</param>
/// <param name="Version">what the server calls the content</param>
/// <param name="Attempts">requests sent, redirects not counted</param>
internal sealed record Fetched(FetchEnd End, string? Fault, int? HttpStatus, ContentVersion? Version, int Attempts);
