using LmmRec.Artifacts;
using LmmRec.Remotes.Folders;

namespace LmmRec.Remotes.Tests;

public sealed class SftpRemoteTests(SshServer server) : RemoteContract, IClassFixture<SshServer>
{
    private static int Folders;

    private readonly string _folder = $"handoff-{Interlocked.Increment(ref Folders)}/in/here";

    protected override IRemote Open() => Open(server);

    [Fact]
    public async Task A_host_that_is_not_known_is_not_trusted()
    {
        using var folder = new TemporaryFolder();
        var fault = await FailAsync(Open(server, knownHosts: folder.PathOf("none")));
        Assert.Matches($@": has a host key that is not known \(\S+ SHA256:\S+\): compare it with what who runs it says, then: ssh-keyscan -p {server.Port} 127\.0\.0\.1 >> ~/\.ssh/known_hosts; it was reading remote\.json\.", fault);
    }

    [Fact]
    public async Task A_host_whose_key_is_another_than_before_is_not_trusted()
    {
        using var folder = new TemporaryFolder();
        await server.KeyAsync(folder.PathOf("other"), "ed25519");
        var hosts = folder.PathOf("known_hosts");
        File.WriteAllLines(hosts, ["# who I know", $"[127.0.0.1]:{server.Port} {File.ReadAllText(folder.PathOf("other.pub"))}"]);
        var fault = await FailAsync(Open(server, knownHosts: hosts));
        Assert.Matches($@": has another host key \(ssh-ed25519 SHA256:\S+\) than {hosts}:2 says: it was set up anew, or another server plays its part; ask who runs it, then: ssh-keygen -R '\[127\.0\.0\.1\]:{server.Port}'", fault);
    }

    [Fact]
    public async Task A_revoked_host_key_is_not_trusted()
    {
        using var folder = new TemporaryFolder();
        var hosts = folder.PathOf("known_hosts");
        File.WriteAllLines(hosts, server.HostKeys.SelectMany(key => new[] { $"[127.0.0.1]:{server.Port} {File.ReadAllText(key)}", $"@revoked * {File.ReadAllText(key)}" }));
        Assert.Contains("was revoked; ask who runs it", await FailAsync(Open(server, knownHosts: hosts)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_server_with_several_keys_is_asked_for_one_of_a_type_that_is_known(int key)
    {
        using var folder = new TemporaryFolder();
        var hosts = folder.PathOf("known_hosts");
        File.WriteAllText(hosts, $"[127.0.0.1]:{server.Port} {File.ReadAllText(server.HostKeys[key])}");
        await using var remote = Open(server, knownHosts: hosts);
        Assert.Empty(await remote.FilesAsync("", Cancellation));
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_take_is_named()
    {
        using var folder = new TemporaryFolder();
        await server.KeyAsync(folder.PathOf("mine"), "ecdsa");
        Assert.Contains($": does not let {Environment.UserName} in by {folder.PathOf("mine")}: put the public key into authorized_keys there, or name another with --identity; it was", await FailAsync(Open(server, folder.PathOf("mine"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task A_key_with_a_passphrase_is_opened_by_the_one_that_is_given(string type)
    {
        using var folder = new TemporaryFolder();
        var key = folder.PathOf("mine");
        await server.KeyAsync(key, type, "open sesame");
        File.AppendAllLines(server.AuthorizedKeys, [File.ReadAllText(key + ".pub")]);
        Assert.Equal($"--identity {key}: wants a passphrase; set {SshKeys.PassphraseVariable}", Assert.Throws<InvalidInputException>(() => Open(server, key)).Message);
        var wrong = Assert.Throws<InvalidInputException>(() => Open(server, key, environment: name => name == SshKeys.PassphraseVariable ? "close sesame" : null)).Message;
        Assert.StartsWith($"--identity {key}: cannot be read as a private key, or the passphrase of {SshKeys.PassphraseVariable} is not its own", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", wrong, StringComparison.Ordinal);
        await using var remote = Open(server, key, environment: name => name == SshKeys.PassphraseVariable ? "open sesame" : null);
        Assert.Empty(await remote.FilesAsync("", Cancellation));
    }

    [Fact]
    public void Who_has_no_key_and_no_password_is_told_what_to_give()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(
            $"there is nothing to log in with: {folder.Path} holds none of id_ed25519, id_ecdsa, id_rsa; name a key with --identity, or set LMMREC_SFTP_PASSWORD",
            Assert.Throws<InvalidInputException>(() => SshKeys.Read("me", folder.Path, null, _ => null)).Message);
    }

    [Fact]
    public async Task A_password_that_is_refused_is_not_repeated()
    {
        using var folder = new TemporaryFolder();
        var address = SftpAddress.Parse(server.AddressOf(_folder));
        var keys = SshKeys.Read(address.User, folder.Path, null, name => name == SshKeys.PasswordVariable ? "hunter2" : null);
        var fault = await FailAsync(new SftpRemote(address, new SftpConnection(address, keys, new KnownHosts([Path.Combine(server.Home, ".ssh", "known_hosts")]))));
        Assert.Contains($": does not let {address.User} in by the password of LMMREC_SFTP_PASSWORD:", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_vanishes_in_the_middle_is_said_in_a_sentence()
    {
        _ = server.Port; // skips where there is none
        await using var own = new SshServer();
        await own.InitializeAsync();
        var remote = Open(own);
        var content = Workspace.Bytes(13, 2_000_000);
        var (first, second) = (0L, 0L);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => remote.SendAsync("large", OutgoingFile.Of("the pictures", content), bytes =>
        {
            first += bytes;
            if (first > 1_000_000) own.Kill();
        }, Cancellation));
        await remote.DisposeAsync();
        Assert.Matches(@"^sftp://\S+: cannot be reached, or went away: .+; it was sending the pictures\. What has arrived stays, and the same command goes on after it$", fault.Message);

        await own.StartAsync();
        await using var again = Open(own);
        await again.SendAsync("large", OutgoingFile.Of("the pictures", content), bytes => second += bytes, Cancellation);
        Assert.InRange(second, 1, content.Length - 700_000);
        Assert.Equal(content, await again.TryReadAllAsync("large", Cancellation));
    }

    [Theory]
    [InlineData("sftp://me:secret@host/path", "holds a password, which would stay in the shell's history; set LMMREC_SFTP_PASSWORD instead, or use a key")]
    [InlineData("sftp://me@host", "is no address of a folder")]
    [InlineData("sftp://", "is no address of a folder")]
    public void An_address_that_cannot_be_used_is_refused_without_repeating_a_password(string address, string why)
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => SftpAddress.Parse(address)).Faults);
        Assert.Contains(why, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(SftpRemote remote)
    {
        await using (remote) return (await Assert.ThrowsAsync<InvalidInputException>(() => Layout.RequireAsync(remote, Cancellation))).Message;
    }

    private SftpRemote Open(SshServer where, string? identity = null, string? knownHosts = null, Func<string, string?>? environment = null)
    {
        var (address, ssh) = (SftpAddress.Parse(where.AddressOf(_folder)), Path.Combine(where.Home, ".ssh"));
        var keys = SshKeys.Read(address.User, ssh, identity, environment ?? (_ => null));
        return new SftpRemote(address, new SftpConnection(address, keys, new KnownHosts([knownHosts ?? Path.Combine(ssh, "known_hosts")])));
    }
}
