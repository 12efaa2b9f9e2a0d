using System.Net;
using System.Net.Http.Headers;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Folders;

/// <summary>A hub of models, as <c>hf:org/name@revision</c> means it.</summary>
/// <param name="Endpoint">its address</param>
/// <param name="Token">what a user shows it, who may read more than everybody; null: nothing. It goes to this address only, and into no message and no file</param>
public sealed record Hub(Uri Endpoint, string? Token)
{
    /// <summary>What a source at the hub begins with.</summary>
    public const string Scheme = "hf:";

    private const string Public = "huggingface.co";

    /// <summary>The hub that the environment names with HF_ENDPOINT and HF_TOKEN.</summary>
    /// <exception cref="ConfigurationException">HF_ENDPOINT is no address.</exception>
    public static Hub FromEnvironment()
    {
        var endpoint = Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } named ? named : $"https://{Public}";
        return Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? new Hub(address, Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } token ? token.Trim() : null)
            : throw new ConfigurationException(["HF_ENDPOINT: is no http or https address"]);
    }

    /// <summary>The address of the folder that <paramref name="source"/> names, such as <c>hf:org/name@revision</c>.</summary>
    /// <exception cref="ConfigurationException">It names none.</exception>
    internal Uri FolderOf(string source)
    {
        var (name, revision) = source[Scheme.Length..].Split('@', 2) is [var left, var right] ? (left, right) : (source[Scheme.Length..], "main");
        if (revision.Length == 0 || name.Split('/') is not { Length: 2 } parts || !Array.TrueForAll(parts, BareFileName.Is))
            throw new ConfigurationException([$"'{source}': is no name at a hub; allowed are {Scheme}org/name and {Scheme}org/name@revision"]);
        return new Uri(Endpoint, $"{string.Join('/', parts.Select(Uri.EscapeDataString))}/resolve/{Uri.EscapeDataString(revision)}/");
    }

    /// <summary>The name of the model that an address is a page of, such as https://huggingface.co/org/name/tree/main; null: it is no such page.</summary>
    internal string? NameOf(Uri page)
    {
        if (page.Host != Endpoint.Host && page.Host != Public) return null;
        var parts = page.AbsolutePath.Trim('/').Split('/');
        return parts switch
        {
            [var org, var name] => $"{Scheme}{org}/{name}",
            [var org, var name, "tree" or "blob", var revision, ..] => $"{Scheme}{org}/{name}@{Uri.UnescapeDataString(revision)}",
            _ => null,
        };
    }

    /// <summary>What shows the token to the hub, and to nobody that the hub sends us on to; <paramref name="inner"/> itself where there is none.</summary>
    /// <param name="inner">sends; with a token it must not follow redirections itself</param>
    internal HttpMessageHandler Shown(SocketsHttpHandler inner)
    {
        if (Token is null) return inner;
        inner.AllowAutoRedirect = false;
        return new Bearer(this, inner);
    }

    // .NET takes the token off at every redirection, and the hub redirects to itself.
    private sealed class Bearer(Hub hub, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const int MostRedirections = 20;

        private static readonly HttpStatusCode[] Redirections =
            [HttpStatusCode.MovedPermanently, HttpStatusCode.Found, HttpStatusCode.SeeOther, HttpStatusCode.TemporaryRedirect, HttpStatusCode.PermanentRedirect];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            for (var i = 0; ; i++)
            {
                var isHub = Uri.Compare(request.RequestUri, hub.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
                request.Headers.Authorization = isHub ? new AuthenticationHeaderValue("Bearer", hub.Token) : null;
                var response = await base.SendAsync(request, cancellationToken);
                if (i == MostRedirections || !Redirections.Contains(response.StatusCode) || response.Headers.Location is not { } location) return response;
                var next = new Uri(request.RequestUri!, location);
                if (request.RequestUri!.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps) return response; // never from https to less
                response.Dispose();
                request.RequestUri = next;
            }
        }
    }
}
