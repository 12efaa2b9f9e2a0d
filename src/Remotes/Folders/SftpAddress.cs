using LmmRec.Artifacts;

namespace LmmRec.Remotes.Folders;

/// <summary>Where an SFTP server is.</summary>
/// <param name="User">who logs in</param>
/// <param name="Host">name or address of the server</param>
/// <param name="Port">its port</param>
/// <param name="Path">the folder; relative: to where the user comes in</param>
internal sealed record SftpAddress(string User, string Host, int Port, string Path)
{
    public const string Scheme = "sftp://";

    private const string Home = "/~/", Allowed = $"allowed: {Scheme}user@host[:port]/path, or {Scheme}user@host{Home}path from the user's own folder";

    /// <summary>Reads an address that begins with <see cref="Scheme"/>.</summary>
    /// <exception cref="ConfigurationException">It is none, or holds a password.</exception>
    public static SftpAddress Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath.Trim('/').Length == 0 || uri.Query.Length > 0)
            throw new ConfigurationException([$"{Scheme}…: is no address of a folder; {Allowed}"]);
        if (uri.UserInfo.Contains(':', StringComparison.Ordinal))
            throw new ConfigurationException([$"{Scheme}{uri.UserInfo.Split(':')[0]}:…@{uri.Authority}: holds a password, which would stay in the shell's history; set {SshKeys.PasswordVariable} instead, or use a key"]);
        var path = Uri.UnescapeDataString(uri.AbsolutePath).TrimEnd('/');
        return new SftpAddress(
            uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(uri.UserInfo) : Environment.UserName, uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : 22,
            path.StartsWith(Home, StringComparison.Ordinal) ? path[Home.Length..] : path);
    }

    /// <summary>The address in full.</summary>
    public override string ToString() => $"{Scheme}{User}@{Host}{(Port == 22 ? "" : $":{Port}")}{(Path.StartsWith('/') ? Path : $"{Home}{Path}")}";
}
