using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LmmRec.Artifacts.Store;

namespace LmmRec.EndToEnd;

/// <summary>Machines that hand artifacts to each other, each a workspace of its own.</summary>
public sealed partial class HandoffTests(S3Server s3, SshServer ssh) : IClassFixture<S3Server>, IClassFixture<SshServer>, IDisposable
{
    private const int Large = 192 << 20; // bytes: long enough to be killed in the middle

    private static readonly string[] Quick = ["--set", "train.epochs=3", "--set", "train.options={}"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Three_machines_that_do_a_stage_each_make_the_bytes_of_one_that_does_them_all()
    {
        (await RunAsync("run", "all", Quick)).Expect(0);

        (await RunAsync("ingest", "first")).Expect(0);
        (await RunAsync("featurize", "first")).Expect(0);
        (await RunAsync("push", "first", "remote")).Expect(0);
        (await RunAsync("pull", "second", "remote", "--stage", "features")).Expect(0);
        (await RunAsync("train", "second", Quick)).Expect(0);
        (await RunAsync("push", "second", "remote")).Expect(0);
        (await RunAsync("pull", "third", "remote", "--stage", "models")).Expect(0);
        (await RunAsync("evaluate", "third", Quick)).Expect(0);
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("all"), _folder.PathOf("third")));
        (await RunAsync("verify", "third")).Expect(0);
        Assert.DoesNotContain("would run", (await RunAsync("status", "third", Quick)).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_and_a_pull_that_were_killed_go_on_where_they_stopped()
    {
        await MakeLargeAsync("here");
        var remote = _folder.PathOf("remote");
        long arrived;
        using (var push = Lmmrec.Start(_folder.Path, "push", remote, "--workspace", "here"))
        {
            await push.WaitForAsync(() => SizeOf(remote) > Large / 4);
            push.Kill();
            await push.EndAsync();
            arrived = SizeOf(remote);
        }
        Assert.InRange(arrived, 1, Large - 1); // nothing looks whole
        Assert.Empty(Directory.Exists(Path.Combine(remote, "artifacts")) ? Directory.EnumerateFiles(Path.Combine(remote, "artifacts"), "*", SearchOption.AllDirectories) : []);
        Assert.InRange(Travelled(await RunAsync("push", "here", remote)), Large - arrived, Large - arrived + 10_000); // and the small files

        using (var pull = Lmmrec.Start(_folder.Path, "pull", remote, "--workspace", "there"))
        {
            await pull.WaitForAsync(() => SizeOf(_folder.PathOf("there")) > Large / 4);
            pull.Kill();
            await pull.EndAsync();
            arrived = SizeOf(_folder.PathOf("there"));
        }
        Assert.Empty(Verification.ArtifactsBelow(_folder.PathOf("there")));
        Assert.InRange(Travelled(await RunAsync("pull", "there", remote)), Large - arrived, Large - arrived + 10_000);
        (await RunAsync("verify", "there")).Expect(0);
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("here"), _folder.PathOf("there")));
    }

    [Fact]
    public async Task A_store_that_speaks_as_S3_does_is_found_as_AWS_tools_find_it()
    {
        await MakeSmallAsync("here");
        (await Lmmrec.RunUnderAsync(_folder.Path, s3.Environment, "push", $"s3://{S3Server.Bucket}/team", "--workspace", "here")).Expect(0);
        (await Lmmrec.RunUnderAsync(_folder.Path, s3.Environment, "pull", $"s3://{S3Server.Bucket}/team", "--workspace", "there")).Expect(0);
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("here"), _folder.PathOf("there")));

        var refused = (await Lmmrec.RunUnderAsync(_folder.Path, [.. s3.Environment, "AWS_ACCESS_KEY_ID=AKIAWRONG"], "push", $"s3://{S3Server.Bucket}/team", "--workspace", "here")).Expect(1);
        Assert.Matches(@"^s3://handoff/team: refuses the credentials of AWS_ACCESS_KEY_ID \(AKIAWRONG\) [^\n]+\n$", refused.Error);
        var away = (await Lmmrec.RunUnderAsync(_folder.Path, [.. s3.Environment, "AWS_ENDPOINT_URL=http://127.0.0.1:9"], "push", $"s3://{S3Server.Bucket}/team", "--workspace", "here")).Expect(1);
        Assert.Matches(@"^s3://handoff/team: cannot be reached, or went away: [^\n]+\n$", away.Error);
    }

    [Fact]
    public async Task An_SSH_server_is_found_with_the_users_keys_and_known_hosts()
    {
        await MakeSmallAsync("here");
        var (address, home) = (ssh.AddressOf("handoff"), $"HOME={ssh.Home}");
        (await Lmmrec.RunUnderAsync(_folder.Path, [home], "push", address, "--workspace", "here")).Expect(0);
        (await Lmmrec.RunUnderAsync(_folder.Path, [home], "pull", address, "--workspace", "there")).Expect(0);
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("here"), _folder.PathOf("there")));
        var stranger = (await Lmmrec.RunUnderAsync(_folder.Path, [$"HOME={_folder.Path}"], "pull", address, "--workspace", "there", "--identity", Path.Combine(ssh.Home, ".ssh", "id_ed25519"))).Expect(1);
        Assert.Matches(@"^sftp://\S+: has a host key that is not known [^\n]+\n$", stranger.Error);
    }

    [Fact]
    public async Task A_pull_writes_to_no_folder_that_a_run_holds()
    {
        await MakeSmallAsync("here");
        (await RunAsync("push", "here", "remote")).Expect(0);
        await using (await StageLock.TakeAsync(_folder.PathOf("there"), ["shop/ingest"], "lmmrec ingest", IfLocked.Fail, _ => { }, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            Assert.Contains("lmmrec ingest", (await RunAsync("pull", "there", "remote")).Expect(5).Error, StringComparison.Ordinal);
            (await RunAsync("pull", "there", "remote", "--if-locked", "skip")).Expect(0);
            Assert.Empty(Verification.ArtifactsBelow(_folder.PathOf("there")));
        }
        (await RunAsync("pull", "there", "remote")).Expect(0);
        Assert.Single(Verification.ArtifactsBelow(_folder.PathOf("there")));
    }

    [Fact]
    public async Task A_remote_that_is_full_is_said_and_goes_on_once_there_is_room()
    {
        await MakeSmallAsync("here", 600_000);
        var remote = Directory.CreateDirectory(_folder.PathOf("remote")).FullName;
        Assert.SkipUnless(await ShellAsync("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", remote), "this user may not mount a small disk");
        try
        {
            var full = (await RunAsync("push", "here", "remote")).Expect(1);
            // Several files travel at a time: any of them may be the one that finds no room.
            Assert.Matches(@"^remote: is full; make room there; it was sending here/shop/ingest/[^ ]+\. What has arrived stays, and the same command goes on after it$", full.Error.Trim().Split('\n')[^1]);
            Assert.True(await ShellAsync("mount", "-o", "remount,size=2m", remote));
            (await RunAsync("push", "here", "remote")).Expect(0);
            (await RunAsync("pull", "there", "remote")).Expect(0);
        }
        finally
        {
            await ShellAsync("umount", remote);
        }
        Assert.Empty(WorkspaceContent.Differences(_folder.PathOf("here"), _folder.PathOf("there")));
    }

    [Theory]
    [InlineData("--stage feature", "--stage feature: is no kind of artifact; did you mean 'features'?")]
    [InlineData("--identity key", "--identity: is not used, since remote is no address of an SFTP server; leave it out")]
    public async Task An_option_that_cannot_be_used_is_refused(string option, string why) =>
        Assert.StartsWith(why, (await RunAsync("pull", "there", ["remote", .. option.Split(' ')])).Expect(2).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("sftp://me:hunter2@host/path", "sftp://me:…@host: holds a password")]
    [InlineData("s3://key:hunter2@bucket", "s3://…: names no bucket")]
    [InlineData("ftp://hunter2", "ftp://: is no kind of remote; allowed: a folder, s3://bucket/prefix or sftp://")]
    public async Task An_address_that_is_none_is_refused_and_not_repeated(string address, string why)
    {
        var refused = (await RunAsync("push", "here", address)).Expect(2);
        Assert.StartsWith(why, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Error, StringComparison.Ordinal);
    }

    private Task<Ended> RunAsync(string command, string workspace, params string[] rest) => Lmmrec.RunAsync(_folder.Path, [command, "--workspace", workspace, .. rest]);

    private Task MakeSmallAsync(string workspace, int pictures = 200_000) => MakeAsync(workspace, async file => await file.WriteAsync(Enumerable.Range(0, pictures).Select(i => (byte)(i * 7919 >> 5)).ToArray()));

    private Task MakeLargeAsync(string workspace) => MakeAsync(workspace, async file =>
    {
        for (var block = 0; block < Large >> 20; block++) await file.WriteAsync(Enumerable.Repeat((byte)block, 1 << 20).ToArray());
    });

    private async Task MakeAsync(string workspace, Func<FileStream, Task> pictures)
    {
        var writer = new ArtifactWriter(Path.Combine(_folder.PathOf(workspace), "shop", "ingest"), new Recipe("ingest", 1, new JsonObject(), []));
        await using (var file = File.Create(writer.PathFor("images-00000.parquet"))) await pictures(file);
        await writer.CommitAsync(TestContext.Current.CancellationToken);
    }

    private static long SizeOf(string folder) => !Directory.Exists(folder) ? 0 : new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name.Contains('~', StringComparison.Ordinal)).Sum(file => file.Length);

    private static long Travelled(Ended ended) => long.Parse(Bytes().Match(ended.Expect(0).Output).Groups[1].Value, CultureInfo.InvariantCulture);

    private static async Task<bool> ShellAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }

    [GeneratedRegex(@"files (?:sent|fetched): \d+ \((\d+) bytes\)")]
    private static partial Regex Bytes();
}
