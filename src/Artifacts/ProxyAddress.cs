using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace LmmRec.Artifacts;

/// <summary>
/// The address of a proxy, such as <c>http://user:password@proxy:3128</c>. Only one that the user names connects for us: what the environment says
/// (<c>HTTPS_PROXY</c>) is not used, since it would decide unseen who connects where.
/// </summary>
public static class ProxyAddress
{
    /// <summary>What is allowed, for messages, which do not repeat the address: it may hold a password.</summary>
    public const string Allowed = "is no address of a proxy, such as \"http://proxy.example.org:3128\"; allowed are http, https and socks5";

    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https" or "socks5";

    /// <summary>The proxy; it is given the user name and password, and messages that name it lack them.</summary>
    public static IWebProxy Open(Uri address) => new WebProxy(Bare(address))
    {
        Credentials = address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password]
            ? new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password is [var given] ? given : "")) : null,
    };

    /// <summary>The address with stars in the place of its password; null: it has none.</summary>
    public static string? Masked(string text) =>
        TryParse(text, out var address) && address.UserInfo.Split(':', 2) is [var user, { Length: > 0 }] ? $"{address.Scheme}://{user}:***@{address.Authority}" : null;

    private static Uri Bare(Uri address) => new(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
}
