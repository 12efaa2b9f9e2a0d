using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using LmmRec.Artifacts;

namespace LmmRec.Remotes.S3;

/// <summary>Opens <c>s3://bucket/prefix</c> with the credentials, region and endpoint that AWS's own tools would take.</summary>
internal static class S3Address
{
    public const string Scheme = "s3://";

    private const string KeyVariable = "AWS_ACCESS_KEY_ID", ProfileVariable = "AWS_PROFILE";

    /// <summary>Opens the remote at an address that begins with <see cref="Scheme"/>.</summary>
    /// <exception cref="ConfigurationException">It names no bucket.</exception>
    public static S3Remote Open(string address)
    {
        var path = address[Scheme.Length..].Split('/', 2);
        if (path[0].Length == 0 || path[0].AsSpan().ContainsAny('@', ':')) // somebody may have put keys there
            throw new ConfigurationException([$"{Scheme}…: names no bucket; allowed: {Scheme}bucket/prefix; credentials come from {KeyVariable} and AWS_SECRET_ACCESS_KEY, or from {ProfileVariable}"]);
        var config = new AmazonS3Config
        {
            // Hashes of ours guard what travels; a server that speaks as S3 does need not know these.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = config.RegionEndpoint?.SystemName ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? "us-east-1";
        // The library finds the endpoint of the environment and of a profile, but goes there only where it is set by hand. Other servers have no name per bucket.
        if (config.ServiceURL is { } endpoint) (config.ServiceURL, config.AuthenticationRegion, config.ForcePathStyle) = (endpoint, region, true);
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        return new S3Remote(new AmazonS3Client(config), path[0], path is [_, var prefix] ? prefix.Trim('/') : "", CredentialsOf(Environment.GetEnvironmentVariable));
    }

    private static string CredentialsOf(Func<string, string?> environment) =>
        environment(KeyVariable) is { Length: > 0 } key ? $"{KeyVariable} ({key})"
        : environment(ProfileVariable) is { Length: > 0 } profile ? $"{ProfileVariable} ({profile})" : "AWS's default profile";
}
