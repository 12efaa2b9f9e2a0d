using LmmRec.Remotes.Folders;

namespace LmmRec.Remotes.Tests;

public sealed class SftpRemoteTests(SshServer server) : RemoteContract, IClassFixture<SshServer>
{
    private static int Folders;

    private readonly string _folder = $"handoff-{Interlocked.Increment(ref Folders)}/in/here";

    protected override IRemote Open() => Open(server.AddressOf(_folder));

    private SftpRemote Open(string address, string? identity = null, string? knownHosts = null, Func<string, string?>? environment = null)
    {
        var (parsed, ssh) = (SftpAddress.Parse(address), Path.Combine(server.Home, ".ssh"));
        var keys = SshKeys.Read(parsed.User, ssh, identity, environment ?? (_ => null));
        return new SftpRemote(parsed, new SftpConnection(parsed, keys, new KnownHosts([knownHosts ?? Path.Combine(ssh, "known_hosts")])));
    }
}
