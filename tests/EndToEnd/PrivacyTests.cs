using System.Diagnostics;
using System.Globalization;

namespace LmmRec.EndToEnd;

/// <summary>What the command does not do behind its user's back: libraries that it stands on would.</summary>
public sealed class PrivacyTests : IDisposable
{
    // A network of its own, where nothing but the command speaks and whose only name server is this machine: a question for a name counts as a datagram.
    private const string Alone = "ip link set lo up && mount --bind resolv.conf /etc/resolv.conf";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_leaves_nothing_in_the_home_folder_and_asks_for_no_name()
    {
        var home = Directory.CreateDirectory(_folder.PathOf("home")).FullName;
        await File.WriteAllTextAsync(_folder.PathOf("resolv.conf"), "nameserver 127.0.0.1\n", TestContext.Current.CancellationToken);
        var alone = Succeeds("unshare", "--map-root-user", "--net", "--mount", "sh", "-c", Alone);
        string[] launcher = alone
            ? [$"HOME={home}", "unshare", "--map-root-user", "--net", "--mount", "sh", "-c", $"{Alone} && \"$@\"; code=$?; cat /proc/net/snmp > counters; exit $code", "sh"]
            : [$"HOME={home}"];

        (await Lmmrec.RunUnderAsync(_folder.Path, launcher, "run", "--set", "train.epochs=1")).Expect(0);

        Assert.Empty(Directory.EnumerateFileSystemEntries(home, "*", SearchOption.AllDirectories));
        Assert.SkipUnless(alone, "only the home folder was checked: 'unshare --net' cannot make a network of its own here");
        Assert.Equal(0, DatagramsOf(await File.ReadAllLinesAsync(_folder.PathOf("counters"), TestContext.Current.CancellationToken)));
    }

    private bool Succeeds(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("env", [program, .. arguments]) { WorkingDirectory = _folder.Path, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var guard = new ProcessGuard(process);
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>The datagrams that were sent, from the two lines of <c>/proc/net/snmp</c> that begin with Udp: one of names, one of values.</summary>
    private static int DatagramsOf(string[] counters)
    {
        var udp = counters.Where(line => line.StartsWith("Udp:", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        return int.Parse(udp[1][Array.IndexOf(udp[0], "OutDatagrams")], CultureInfo.InvariantCulture);
    }
}
