using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LmmRec.Artifacts.Store;

namespace LmmRec.Ingest.Http;

/// <summary>
/// A file that comes in parts, if need be in several processes: where a transfer breaks off, the next one asks for the rest, on condition that the
/// server still has the content that was begun. What the server calls that content lies beside the file, with the ending <c>.version</c>.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const string Version = ".version";

    private readonly string _versionPath;
    private ContentVersion? _version;

    /// <summary>Opens the file at <paramref name="path"/>, of which an earlier transfer may have left a part.</summary>
    public PartialFile(string path)
    {
        _versionPath = path + Version;
        Stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        Stream.Seek(0, SeekOrigin.End);
        _version = ReadVersion();
    }

    public FileStream Stream { get; }

    /// <summary>Asks for the rest only, where the server can say that it is of the same content.</summary>
    public void Ask(HttpRequestHeaders headers)
    {
        if (Stream.Length == 0 || _version is null) return;
        RangeConditionHeaderValue? condition = EntityTagHeaderValue.TryParse(_version.ETag, out var tag) && !tag.IsWeak ? new RangeConditionHeaderValue(tag)
            : _version.Modified is { } modified ? new RangeConditionHeaderValue(modified) : null;
        if (condition is not null) (headers.Range, headers.IfRange) = (new RangeHeaderValue(Stream.Length, null), condition);
    }

    /// <summary>Whether the answer says that all of it is there.</summary>
    public bool IsWhole(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && response.Content.Headers.ContentRange?.Length == Stream.Length;

    /// <summary>Makes room for the body of an answer: behind what is there, or instead of it.</summary>
    public void Take(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == Stream.Length) return;
        Stream.SetLength(0);
        File.Delete(_versionPath); // before the first byte of another content
        _version = response.StatusCode == HttpStatusCode.OK ? ContentVersion.Of(response) : null;
        if (_version is not null) FileSystem.WriteAtomically(_versionPath, stream => JsonSerializer.Serialize(stream, _version));
    }

    private ContentVersion? ReadVersion()
    {
        if (!File.Exists(_versionPath)) return null;
        try
        {
            return JsonSerializer.Deserialize<ContentVersion>(File.ReadAllText(_versionPath));
        }
        catch (JsonException)
        {
            return null; // it is none that we wrote; the file is fetched from its start
        }
    }

    /// <summary>Keeps what came; a file of which nothing did goes.</summary>
    public void Dispose()
    {
        var isEmpty = Stream.Length == 0;
        Stream.Dispose();
        if (isEmpty) Delete(Stream.Name);
    }

    /// <summary>Deletes the file at <paramref name="path"/>, such as one that turned out to be another than was wanted.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        File.Delete(path + Version);
    }
}
