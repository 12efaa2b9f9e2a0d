using System.Diagnostics;
using LmmRec.Remotes.Folders;

namespace LmmRec.Remotes.Tests;

public sealed class KnownHostsTests : IDisposable
{
    private const string Key = "AAAAC3NzaC1lZDI1NTE5AAAAIKS0bYBl2PX4jS2aV6UqJQh3yJ3n0W8o0m1b1l1d1v1x";

    private readonly TemporaryFolder _folder = new();

    private string Hosts => _folder.PathOf("known_hosts");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shop.example.org", "shop.example.org", 22, true)]
    [InlineData("shop.example.org", "Shop.Example.org", 22, true)]
    [InlineData("shop.example.org", "shop.example.org", 2222, false)]
    [InlineData("[shop.example.org]:2222", "shop.example.org", 2222, true)]
    [InlineData("10.0.0.7,shop.example.org", "shop.example.org", 22, true)]
    [InlineData("*.example.org", "shop.example.org", 22, true)]
    [InlineData("*.example.org,!shop.example.org", "shop.example.org", 22, false)]
    [InlineData("sh?p.example.org", "shop.example.org", 22, true)]
    [InlineData("other.example.org", "shop.example.org", 22, false)]
    [InlineData("@cert-authority *", "shop.example.org", 22, false)]
    [InlineData("# shop.example.org", "shop.example.org", 22, false)]
    public void A_line_is_about_the_hosts_that_it_names(string hosts, string host, int port, bool isKnown)
    {
        File.WriteAllText(Hosts, $"\n{hosts} ssh-ed25519 {Key} a comment\n");
        var entry = new KnownHosts([_folder.PathOf("none"), Hosts]).Of(host, port).SingleOrDefault();
        Assert.Equal(isKnown, entry is not null);
        if (entry is not null) Assert.Equal(("ssh-ed25519", Convert.ToBase64String([.. entry.Key]), false, $"{Hosts}:2"), (entry.Type, Key, entry.IsRevoked, entry.Place));
    }

    [Theory]
    [InlineData("shop.example.org", 22)]
    [InlineData("shop.example.org", 2222)]
    public async Task Names_that_OpenSSH_has_hashed_are_found(string host, int port)
    {
        File.WriteAllText(Hosts, $"{KnownHosts.NameOf(host, port)} ssh-ed25519 {Key}\n");
        Assert.SkipUnless(File.Exists("/usr/bin/ssh-keygen"), "ssh-keygen is not installed; on Debian: apt-get install openssh-client");
        using var hashing = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-H", "-f", Hosts]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await hashing.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("|1|", File.ReadAllText(Hosts), StringComparison.Ordinal);
        Assert.Single(new KnownHosts([Hosts]).Of(host, port));
        Assert.Empty(new KnownHosts([Hosts]).Of("other.example.org", port));
    }
}
