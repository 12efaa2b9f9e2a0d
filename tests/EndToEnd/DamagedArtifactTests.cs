using System.Text.RegularExpressions;
using LmmRec.Artifacts.Store;

namespace LmmRec.EndToEnd;

/// <summary>Artifacts that are not as they were made: verify names them, run makes them again and nothing after them that comes out the same.</summary>
public sealed partial class DamagedArtifactTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "train.epochs=1", "--set", "train.options={}", "--set", """train.recommenders=["bpr"]"""];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_shard_of_pictures_with_one_wrong_bit_is_named_and_its_artifact_alone_is_made_again()
    {
        (await RunAsync("run")).Expect(0);
        var shard = _folder.PathOf("artifacts/sample/ingest/images-00000.parquet");
        var whole = await File.ReadAllBytesAsync(shard, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(shard, [.. whole.Index().Select(at => at.Index == whole.Length / 2 ? (byte)(at.Item ^ 1) : at.Item)], TestContext.Current.CancellationToken);

        var verified = (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(1);
        Assert.Contains("BAD sample/ingest", verified.Output, StringComparison.Ordinal);
        Assert.Contains("images-00000.parquet: has SHA-256 ", verified.Output, StringComparison.Ordinal);
        Assert.Contains("no step reads the bad ones, and 'lmmrec run' makes them again", verified.Output, StringComparison.Ordinal);
        Assert.Contains("which is damaged: found by 'lmmrec verify': ", (await RunAsync("featurize")).Expect(1).Error, StringComparison.Ordinal);

        Assert.Equal(["ingest"], Ran((await RunAsync("run")).Expect(0)));
        Assert.Equal(whole, await File.ReadAllBytesAsync(shard, TestContext.Current.CancellationToken));
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);
    }

    [Fact]
    public async Task Of_a_damaged_kept_artifact_verify_says_what_to_do_since_no_run_makes_it_again()
    {
        (await RunAsync("run")).Expect(0);
        (await Lmmrec.RunAsync(_folder.Path, ["train", .. Quick, "--set", "train.batchSize=512"])).Expect(0);
        var kept = Directory.EnumerateDirectories(_folder.PathOf("artifacts/kept")).Single();
        var table = Path.Combine(kept, "users.parquet");
        var bytes = await File.ReadAllBytesAsync(table, TestContext.Current.CancellationToken);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(table, bytes, TestContext.Current.CancellationToken);

        var verified = (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(1);
        Assert.Contains($"BAD kept/{Path.GetFileName(kept)} (train/bpr-s999)", verified.Output, StringComparison.Ordinal);
        Assert.EndsWith("faults: 1; of those in kept, which no run takes back, delete the folders", verified.Output.TrimEnd(), StringComparison.Ordinal);
        Directory.Delete(kept, recursive: true);
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);
    }

    [Fact]
    public async Task A_manifest_that_was_deleted_or_edited_by_hand_has_its_artifact_alone_made_again()
    {
        (await RunAsync("run")).Expect(0);
        var manifest = _folder.PathOf("artifacts/sample/models/bpr-s999/manifest.json");
        var bytes = await File.ReadAllBytesAsync(manifest, TestContext.Current.CancellationToken);
        File.Delete(manifest);
        var gone = (await RunAsync("run")).Expect(0);
        Assert.Equal(["train/bpr-s999"], Ran(gone));
        Assert.Contains("manifest.json is gone", gone.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(manifest, "{ \"schemaVersion\": 1, ", TestContext.Current.CancellationToken);
        var broken = (await RunAsync("run")).Expect(0);
        Assert.Equal(["train/bpr-s999"], Ran(broken));
        Assert.Contains("manifest.json: is no manifest (", broken.Error, StringComparison.Ordinal);

        // What still reads as a manifest is told by its hashes.
        await File.WriteAllTextAsync(manifest, System.Text.Encoding.UTF8.GetString(bytes).Replace("\"seed\": 999", "\"seed\": 998", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains("the fingerprint is not that of the recipe; the manifest was changed", (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(1).Output, StringComparison.Ordinal);
        Assert.Equal(["train/bpr-s999"], Ran((await RunAsync("run")).Expect(0)));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(manifest, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_older_lmmrec_leaves_a_newer_ones_workspace_as_it_is()
    {
        (await RunAsync("run")).Expect(0);
        var manifest = _folder.PathOf("artifacts/sample/models/bpr-s999/manifest.json");
        await File.WriteAllTextAsync(
            manifest, (await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken)).Replace($"\"schemaVersion\": {Manifest.CurrentSchema}", "\"schemaVersion\": 99", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        var before = Files();
        foreach (var command in new[] { "run", "train", "evaluate" })
            Assert.Contains("bpr-s999: was written by a newer lmmrec (schema version 99, this one knows 1); use that one on this workspace", (await RunAsync(command)).Expect(1).Error, StringComparison.Ordinal);
        Assert.Contains("was written by a newer lmmrec", Blanks().Replace((await RunAsync("status")).Expect(0).Output, " "), StringComparison.Ordinal);
        Assert.Contains("was written by a newer lmmrec", (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(1).Output, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    private Dictionary<string, string> Files() => Directory.EnumerateFiles(_folder.PathOf("artifacts/sample"), "*", SearchOption.AllDirectories).ToDictionary(path => path, path => Hashing.OfBytes(File.ReadAllBytes(path)));

    private static IReadOnlyList<string> Ran(Ended ended) => [.. Runs().Matches(ended.Error).Select(line => line.Groups["step"].Value)];

    private Task<Ended> RunAsync(string command) => Lmmrec.RunAsync(_folder.Path, [command, .. Quick]);

    [GeneratedRegex(@"^(?<step>\S+): runs \(", RegexOptions.Multiline)]
    private static partial Regex Runs();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
