using LmmRec.Artifacts.Steps;
using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Folders;

/// <summary>A folder on a web server, which lists nothing: a file is there where the server gives it.</summary>
/// <param name="address">the folder's address, with <c>/</c> at its end</param>
/// <param name="fetched">a folder for what is fetched; what an earlier import left there is gone on with</param>
/// <param name="download">fetches</param>
/// <param name="progress">shows how far it is</param>
internal sealed class RemoteFiles(Uri address, string fetched, Download download, IProgressSink progress) : FolderFiles
{
    private const string Otherwise = "fetch the folder elsewhere and name it";

    private readonly Dictionary<string, string?> _asked = new(StringComparer.Ordinal);

    public override string Name => Download.Shown(address);

    public override IReadOnlyList<string>? Names => null;

    protected override async Task<string?> BringAsync(string name, CancellationToken cancellation)
    {
        if (_asked.TryGetValue(name, out var answer)) return answer;
        var path = Path.Combine(fetched, name);
        var file = new UriBuilder(address);
        file.Path += string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
        return _asked[name] = await download.TryFetchAsync(file.Uri, path, null, Otherwise, progress, cancellation) ? path : null;
    }
}
