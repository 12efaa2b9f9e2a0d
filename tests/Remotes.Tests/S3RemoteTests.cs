using Amazon.Runtime;
using Amazon.S3;
using LmmRec.Remotes.S3;

namespace LmmRec.Remotes.Tests;

public sealed class S3RemoteTests(S3Server server) : RemoteContract, IClassFixture<S3Server>
{
    private const int Part = 100_000; // bytes; s3rver takes parts of any size

    private static int Prefixes;

    private readonly string _prefix = $"test/{Interlocked.Increment(ref Prefixes)}";

    protected override IRemote Open() => Open(S3Server.Secret);

    private S3Remote Open(string secret) => new(
        new AmazonS3Client(new BasicAWSCredentials(S3Server.Key, secret), new AmazonS3Config { ServiceURL = server.Endpoint.OriginalString, ForcePathStyle = true, AuthenticationRegion = "us-east-1" }),
        S3Server.Bucket, _prefix, "AWS_ACCESS_KEY_ID (S3RVER)", Part);
}
