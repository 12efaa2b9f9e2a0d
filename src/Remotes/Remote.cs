using LmmRec.Artifacts;

namespace LmmRec.Remotes;

/// <summary>Opens remotes by their addresses.</summary>
public static class Remote
{
    /// <summary>What an address can be, for messages and help.</summary>
    public const string Addresses = "a folder, s3://bucket/prefix or sftp://user@host[:port]/path";

    /// <summary>Opens the remote at <paramref name="address"/>.</summary>
    /// <exception cref="ConfigurationException">It is no address of a remote.</exception>
    public static IRemote Open(string address) => new DirectoryRemote(address);
}
