using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LmmRec.Ingest.Http;

/// <summary>How one attempt ended.</summary>
/// <param name="End">as far as this attempt can say</param>
/// <param name="Fault">why there is no body; null where there is one</param>
/// <param name="MayPass">whether another attempt may do better</param>
/// <param name="HttpStatus">of the answer; null: there was none</param>
/// <param name="RetryAfter">how long the server asks to wait; null: it does not say</param>
/// <param name="Version">what the server calls the content</param>
/// <param name="MovedTo">where the server says that it is, as written there; null: it does not redirect</param>
internal readonly record struct Attempt(
    FetchEnd End, string? Fault = null, bool MayPass = false, int? HttpStatus = null, TimeSpan? RetryAfter = null, ContentVersion? Version = null, Uri? MovedTo = null)
{
    public static Attempt Passing(string fault) => new(FetchEnd.Failed, fault, MayPass: true);

    public static Attempt Final(string fault, int? status = null) => new(FetchEnd.Failed, fault, HttpStatus: status);

    public static Attempt Came(HttpResponseMessage response) => new(FetchEnd.Came, HttpStatus: (int)response.StatusCode, Version: ContentVersion.Of(response));

    /// <summary>What an answer without the body means.</summary>
    /// <param name="response">the answer</param>
    /// <param name="isConditional">whether the body was asked for only where it is another than ours; else there is nothing that could be unchanged</param>
    public static Attempt Refused(HttpResponseMessage response, bool isConditional)
    {
        var status = (int)response.StatusCode;
        if (status == 304 && isConditional) return new Attempt(FetchEnd.Unchanged, "is unchanged", HttpStatus: status);
        if (status is 300 or 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } target) return Final("is redirected", status) with { MovedTo = target };
        if (status == 407) return Final("the proxy wants a user name and password, or other ones (HTTP 407)", status);
        return new Attempt(FetchEnd.Failed, $"HTTP {status}", MayPass: status is 408 or 425 or 429 or >= 500, status, Wish(response));
    }

    /// <summary>What it means that no answer came, or not all of it: most such faults may pass, but what the other side gets wrong it gets wrong again.</summary>
    /// <param name="e">what the client threw: an <see cref="HttpRequestException"/>, or an <see cref="IOException"/> in the middle of a body</param>
    public static Attempt Broken(Exception e) => (ErrorOf(e), e.InnerException) switch
    {
        (_, BlockedAddressException blocked) => Final(blocked.Message),
        (_, SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }) => Final("there is no such host"),
        (_, AuthenticationException tls) => Final($"there is no secure connection: {tls.Message}"),
        (HttpRequestError.ProxyTunnelError, _) when e is HttpRequestException { StatusCode: { } status } => status < HttpStatusCode.InternalServerError
            ? Final($"the proxy refuses to connect (HTTP {(int)status})") : Passing($"the proxy cannot connect (HTTP {(int)status})"),
        (HttpRequestError.UserAuthenticationError or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError
            or HttpRequestError.ConfigurationLimitExceeded, _) => Final(e.Message),
        _ => Passing(e.Message),
    };

    private static HttpRequestError? ErrorOf(Exception e) => e is HttpRequestException request ? request.HttpRequestError : (e as HttpIOException)?.HttpRequestError;

    // Seconds, or a moment on the server's clock, which is not ours.
    private static TimeSpan? Wish(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - response.Headers.Date : null;
}
