using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace LmmRec.Remotes.S3;

/// <summary>
/// A bucket of S3 or of a server that speaks as S3 does. A file is there when its last byte is. One that is larger than a part is sent in parts, which the
/// server keeps until all have come; a server that cannot list them gets them all again.
/// </summary>
/// <param name="client">speaks to the server; disposed of with this</param>
/// <param name="bucket">the bucket, which is there</param>
/// <param name="prefix">what the names of all files begin with, without a slash at its end; empty: nothing</param>
/// <param name="credentials">where the client has its credentials from, for messages</param>
/// <param name="part">bytes of a part</param>
internal sealed class S3Remote(IAmazonS3 client, string bucket, string prefix, string credentials, int part = S3Remote.Part) : IRemote
{
    /// <summary>Bytes of a part, of which four are in memory at once; S3 wants 5 MiB at the least.</summary>
    public const int Part = 8 << 20;

    private const int MostParts = 10_000;

    private readonly string _before = prefix.Length == 0 ? "" : prefix + "/";

    public string Address => $"s3://{bucket}/{prefix}".TrimEnd('/');

    public async IAsyncEnumerable<RemoteFile> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = folder.Length == 0 ? _before : $"{_before}{folder}/" };
        ListObjectsV2Response page;
        do
        {
            page = await client.ListObjectsV2Async(request, cancellation);
            foreach (var found in page.S3Objects ?? []) yield return new RemoteFile(found.Key[_before.Length..], found.Size ?? 0);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public async Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation)
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = _before + name };
        if (from > 0) request.ByteRange = new ByteRange($"bytes={from}-");
        try
        {
            return (await client.GetObjectAsync(request, cancellation)).ResponseStream;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }

    public async Task WriteAsync(string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation)
    {
        if (file.Bytes > part) await WritePartsAsync(_before + name, file, sent, cancellation);
        else await WriteWholeAsync(_before + name, file, sent, cancellation);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) => client.DeleteObjectAsync(bucket, _before + name, cancellation);

    public string? Explain(Exception exception) => exception switch
    {
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" or "AuthorizationHeaderMalformed" } e =>
            $"refuses the credentials of {credentials} ({e.ErrorCode}); look them, and the region, over",
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } e => $"does not let {credentials} do this ({e.ErrorCode}); its owner has to allow it",
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => "there is no such bucket; make it first, or look the address over",
        AmazonS3Exception { ErrorCode: "InsufficientStorage" or "XMinioStorageFull" or "QuotaExceeded" } => "is full; make room there",
        AmazonServiceException { InnerException: HttpRequestException or IOException or TimeoutException } e => $"cannot be reached, or went away: {Innermost(e)}",
        AmazonServiceException e => $"answered {(int)e.StatusCode} {e.ErrorCode}: {e.Message.TrimEnd('.')}",
        AmazonClientException e when e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) =>
            "there are no credentials for it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        AmazonClientException e => $"cannot be asked: {e.Message.TrimEnd('.')}",
        HttpRequestException or IOException or TimeoutException or TaskCanceledException { InnerException: TimeoutException } => $"cannot be reached, or went away: {Innermost(exception)}",
        _ => null,
    };

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteWholeAsync(string key, OutgoingFile file, Action<long> sent, CancellationToken cancellation)
    {
        var content = ReadOnlyMemory<byte>.Empty;
        await foreach (var piece in file.PiecesAsync(0, part, cancellation)) content = piece.ToArray();
        if (Convert.ToHexStringLower(SHA256.HashData(content.Span)) != file.Sha256) throw file.Changed();
        // What the library sends in chunks by default, a server that does not know its way of doing so stores with their headers.
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = AsStream(content), UseChunkEncoding = false }, cancellation);
        sent(file.Bytes);
    }

    private async Task WritePartsAsync(string key, OutgoingFile file, Action<long> sent, CancellationToken cancellation)
    {
        var size = (int)Math.Max(part, file.Bytes / MostParts + 1);
        var (upload, there) = await BegunAsync(key, cancellation);
        upload ??= (await client.InitiateMultipartUploadAsync(bucket, key, cancellation)).UploadId;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var parts = new List<PartETag>();
            await foreach (var piece in file.PiecesAsync(0, size, cancellation))
            {
                var number = parts.Count + 1;
                hash.AppendData(piece.Span);
                if (there.TryGetValue(number, out var known) && IsOf(known, piece)) parts.Add(new PartETag(number, known.ETag));
                else
                {
                    var request = new UploadPartRequest { BucketName = bucket, Key = key, UploadId = upload, PartNumber = number, PartSize = piece.Length, InputStream = AsStream(piece), UseChunkEncoding = false };
                    parts.Add(new PartETag(number, (await client.UploadPartAsync(request, cancellation)).ETag));
                    sent(piece.Length);
                }
            }
            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            {
                await client.AbortMultipartUploadAsync(bucket, key, upload, cancellation);
                throw file.Changed();
            }
            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload, PartETags = parts }, cancellation);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // Another machine that went on with the same parts was first.
            if ((await client.GetObjectMetadataAsync(bucket, key, cancellation)).ContentLength != file.Bytes) throw;
        }
    }

    // The upload that an earlier attempt began last, and its parts by number; null and none where there is none.
    private async Task<(string? Upload, Dictionary<int, PartDetail> Parts)> BegunAsync(string key, CancellationToken cancellation)
    {
        try
        {
            var uploads = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket, Prefix = key }, cancellation);
            if (uploads.MultipartUploads?.Where(begun => begun.Key == key).MaxBy(begun => begun.Initiated)?.UploadId is not { } upload) return (null, []);
            var parts = new Dictionary<int, PartDetail>();
            var request = new ListPartsRequest { BucketName = bucket, Key = key, UploadId = upload };
            ListPartsResponse page;
            do
            {
                page = await client.ListPartsAsync(request, cancellation);
                foreach (var found in page.Parts ?? []) parts[found.PartNumber ?? 0] = found;
                request.PartNumberMarker = page.NextPartNumberMarker?.ToString(CultureInfo.InvariantCulture);
            }
            while (page.IsTruncated == true);
            return (upload, parts);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented || e.ErrorCode is "NoSuchUpload" or "AccessDenied")
        {
            return (null, []); // the server cannot tell, or may not
        }
    }

    // An earlier attempt may have read a file that was about to change. Where the server does not tell a part's MD5, as where it encrypts, the part is sent again.
    [SuppressMessage("Security", "CA5351", Justification = "No secret: it is what the protocol has, and the whole is checked by its SHA-256.")]
    private static bool IsOf(PartDetail part, ReadOnlyMemory<byte> content) =>
        part.Size == content.Length && string.Equals(part.ETag?.Trim('"'), Convert.ToHexStringLower(MD5.HashData(content.Span)), StringComparison.OrdinalIgnoreCase);

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray(), writable: false);

    private static string Innermost(Exception exception) => (exception.InnerException is { } inner ? Innermost(inner) : exception.Message).TrimEnd('.');
}
