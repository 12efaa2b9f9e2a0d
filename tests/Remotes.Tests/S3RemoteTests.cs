using Amazon.Runtime;
using Amazon.S3;
using LmmRec.Artifacts;
using LmmRec.Remotes.S3;

namespace LmmRec.Remotes.Tests;

public sealed class S3RemoteTests(S3Server server) : RemoteContract, IClassFixture<S3Server>
{
    private const int Part = 100_000; // bytes; s3rver takes parts of any size

    private static int Prefixes;

    private readonly string _prefix = $"test/{Interlocked.Increment(ref Prefixes)}";
    private readonly PartsListed _listed = new();

    protected override IRemote Open() => Open(server.Endpoint, S3Server.Key, listed: true);

    [Fact]
    public async Task A_server_that_cannot_list_parts_gets_them_all_again()
    {
        await using var remote = Open(server.Endpoint, S3Server.Key, listed: false);
        var file = OutgoingFile.Of("large", Workspace.Bytes(12, 350_000));
        await Assert.ThrowsAsync<OperationCanceledException>(() => remote.WriteAsync("large", file, _ => throw new OperationCanceledException(), Cancellation));
        var sent = 0L;
        await remote.WriteAsync("large", file, bytes => sent += bytes, Cancellation);
        Assert.Equal(file.Bytes, sent);
    }

    [Fact]
    public async Task Parts_that_an_earlier_attempt_left_of_another_content_are_not_taken()
    {
        await using var remote = Open();
        var (before, after) = (Workspace.Bytes(14, 350_000), Workspace.Bytes(15, 350_000));
        await Assert.ThrowsAsync<OperationCanceledException>(() => remote.WriteAsync("large", OutgoingFile.Of("large", before), _ => throw new OperationCanceledException(), Cancellation));
        await remote.WriteAsync("large", OutgoingFile.Of("large", after), _ => { }, Cancellation);
        Assert.Equal(after, await remote.TryReadAllAsync("large", Cancellation));
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_named()
    {
        using var workspace = await Workspace.ShopAsync();
        await using var remote = Open(server.Endpoint, "AKIAWRONG", listed: false);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => workspace.PushAsync(remote));
        Assert.StartsWith($"s3://{S3Server.Bucket}/{_prefix}: refuses the credentials of AWS_ACCESS_KEY_ID (AKIAWRONG) (InvalidAccessKeyId); look them, and the region, over; it was reading remote.json.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_vanishes_in_the_middle_is_said_in_a_sentence()
    {
        _ = server.Endpoint; // skips where there is none
        await using var own = new S3Server();
        await own.InitializeAsync();
        await using var remote = Open(own.Endpoint, S3Server.Key, listed: false);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => remote.SendAsync("large", OutgoingFile.Of("the pictures", Workspace.Bytes(13, 500_000)), _ => own.Kill(), Cancellation));
        Assert.Matches(@"^s3://handoff/test/\d+: cannot be reached, or went away: .+; it was sending the pictures\. What has arrived stays, and the same command goes on after it$", fault.Message);
    }

    private S3Remote Open(Uri endpoint, string key, bool listed)
    {
        var config = new AmazonS3Config { ServiceURL = endpoint.OriginalString, ForcePathStyle = true, AuthenticationRegion = "us-east-1", RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED };
        if (listed) config.HttpClientFactory = _listed;
        return new S3Remote(new AmazonS3Client(new BasicAWSCredentials(key, S3Server.Secret), config), S3Server.Bucket, _prefix, $"AWS_ACCESS_KEY_ID ({key})", Part);
    }
}
