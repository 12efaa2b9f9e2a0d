using LmmRec.Artifacts;
using LmmRec.Remotes.Folders;
using LmmRec.Remotes.S3;

namespace LmmRec.Remotes;

/// <summary>Opens remotes by their addresses.</summary>
public static class Remote
{
    /// <summary>What an address can be, for messages and help.</summary>
    public const string Addresses = "a folder, s3://bucket/prefix or sftp://user@host[:port]/path";

    /// <summary>Opens the remote at <paramref name="address"/>; nobody is asked yet.</summary>
    /// <param name="address">where it is</param>
    /// <param name="identity">the file of a private key, for an SFTP server; null: the keys in <c>~/.ssh</c></param>
    /// <exception cref="ConfigurationException">It is no address of a remote, or the identity is not used.</exception>
    /// <exception cref="InvalidInputException">There is nothing to log in with.</exception>
    public static IRemote Open(string address, string? identity = null)
    {
        if (address.StartsWith(SftpAddress.Scheme, StringComparison.Ordinal)) return OpenSftp(SftpAddress.Parse(address), identity);
        if (identity is not null) throw new ConfigurationException([$"--identity: is not used, since {address} is no address of an SFTP server; leave it out"]);
        if (address.StartsWith(S3Address.Scheme, StringComparison.Ordinal)) return S3Address.Open(address);
        return address.IndexOf("://", StringComparison.Ordinal) is > 0 and var at
            ? throw new ConfigurationException([$"{address[..at]}://: is no kind of remote; allowed: {Addresses}"])
            : new DirectoryRemote(address);
    }

    private static SftpRemote OpenSftp(SftpAddress address, string? identity)
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        var hosts = new KnownHosts([Path.Combine(folder, "known_hosts"), Path.Combine(folder, "known_hosts2"), "/etc/ssh/ssh_known_hosts"]);
        return new SftpRemote(address, new SftpConnection(address, SshKeys.Read(address.User, folder, identity, Environment.GetEnvironmentVariable), hosts));
    }
}
