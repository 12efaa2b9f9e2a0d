using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Amazon.Runtime;

namespace LmmRec.Remotes.Tests;

/// <summary>Answers in the place of s3rver, by what passes, the two questions that it leaves open: which uploads were begun, and which parts of them have come.</summary>
internal sealed partial class PartsListed : HttpClientFactory
{
    private readonly Dictionary<string, (string Key, SortedDictionary<int, (string ETag, long Bytes)> Parts)> _uploads = [];

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new Handler(_uploads));

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    private sealed class Handler(Dictionary<string, (string Key, SortedDictionary<int, (string ETag, long Bytes)> Parts)> uploads) : DelegatingHandler(new HttpClientHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = Regex.Matches(request.RequestUri!.Query, "[?&]([^=&]+)=?([^&]*)").ToDictionary(match => match.Groups[1].Value, match => Uri.UnescapeDataString(match.Groups[2].Value));
            var key = Uri.UnescapeDataString(request.RequestUri.AbsolutePath.Split('/', 3)[^1]);
            if (request.Method == HttpMethod.Get && query.ContainsKey("uploads")) return Answer(Uploads());
            if (request.Method == HttpMethod.Get && query.TryGetValue("uploadId", out var asked)) return Answer(Parts(asked));
            var response = await base.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode) return response;
            if (request.Method == HttpMethod.Post && query.ContainsKey("uploads"))
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                var begun = UploadId().Match(await response.Content.ReadAsStringAsync(cancellationToken)).Groups[1].Value;
                lock (uploads) uploads[begun] = (key, []);
            }
            else if (query.TryGetValue("uploadId", out var upload))
            {
                lock (uploads)
                {
                    if (request.Method == HttpMethod.Put) uploads[upload].Parts[int.Parse(query["partNumber"], CultureInfo.InvariantCulture)] = (response.Headers.ETag!.Tag, request.Content!.Headers.ContentLength!.Value);
                    else uploads.Remove(upload);
                }
            }
            return response;
        }

        private string Uploads()
        {
            lock (uploads)
                return $"<ListMultipartUploadsResult>{string.Concat(uploads.Select(upload => $"<Upload><Key>{upload.Value.Key}</Key><UploadId>{upload.Key}</UploadId><Initiated>2026-11-26T00:00:00.000Z</Initiated></Upload>"))}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>";
        }

        private string Parts(string upload)
        {
            lock (uploads)
                return $"<ListPartsResult><UploadId>{upload}</UploadId>{string.Concat(uploads[upload].Parts.Select(part => $"<Part><PartNumber>{part.Key}</PartNumber><ETag>{WebUtility.HtmlEncode(part.Value.ETag)}</ETag><Size>{part.Value.Bytes}</Size></Part>"))}<IsTruncated>false</IsTruncated></ListPartsResult>";
        }

        private static HttpResponseMessage Answer(string xml) => new(HttpStatusCode.OK) { Content = new StringContent(xml, System.Text.Encoding.UTF8, "application/xml") };
    }

    [GeneratedRegex("<UploadId>([^<]+)</UploadId>")]
    private static partial Regex UploadId();
}
