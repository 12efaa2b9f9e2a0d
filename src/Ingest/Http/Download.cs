using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Http;

/// <summary>Fetches whole files, such as a published data set's.</summary>
internal static class Download
{
    private const int CodeVersion = 1;

    private const string Version = "version";

    // The largest file that is known, the visual features of Amazon's books, has 35 GB.
    private const long MaxBytes = 64L << 30;

    /// <summary>
    /// A step that fetches one file into an artifact of its own. The manifest remembers its size and SHA-256, and what the server calls its content: when
    /// it is asked for again, it comes only where it has changed, and what is made from it is then made anew. Where it came from is no part of the
    /// recipe: a mirror has the same file.
    /// </summary>
    /// <param name="name">the file's name</param>
    /// <param name="url">where it is</param>
    /// <param name="source">what it belongs to, such as <c>amazon-2014</c></param>
    /// <param name="folder">the folder of such artifacts</param>
    /// <param name="policy">how it is fetched</param>
    /// <param name="remedy">what else the user can do where it cannot be had</param>
    public static Step Of(string name, Uri url, string source, string folder, FetchPolicy policy, string remedy)
    {
        var artifact = Path.Combine(folder, name);
        return new Step($"download/{name}", artifact, CodeVersion, new JsonObject { ["source"] = source, ["file"] = name }, new Dictionary<string, string>(), RunAsync)
        {
            GoesOn = unfinished => new FileInfo(Path.Combine(unfinished, name)) is { Exists: true, Length: > 0 and var bytes } ? $"goes on after {bytes} bytes" : null,
        };

        async Task RunAsync(StepContext context, CancellationToken cancellation)
        {
            context.Progress.Note($"{name} does not lie in the data folder; it is fetched from {PictureAddress.Shown(url.OriginalString)}");
            using var fetcher = new Fetcher(policy, context.Clock);
            var path = Path.Combine(context.Output.Unfinished, name);
            var former = Manifest.TryRead(artifact);
            var file = former?.Files.GetValueOrDefault(name);
            var isThere = file is not null && new FileInfo(Path.Combine(artifact, name)) is { Exists: true, Length: var bytes } && bytes == file.Bytes;
            var known = isThere ? former!.Facts[Version].Deserialize<ContentVersion>() : null;
            var fetched = await FetchAsync(fetcher, url, path, known, remedy, cancellation);
            if (fetched.End == FetchEnd.Unchanged) File.Copy(Path.Combine(artifact, name), path);
            context.Output.Adopt(name);
            context.Output.Timings["bytes"] = fetcher.Bytes;
            context.Output.Timings[Refreshing.Asked] = context.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
            context.Output.Facts["url"] = PictureAddress.Shown(url.OriginalString);
            context.Output.Facts[Version] = JsonSerializer.SerializeToNode(fetched.Version ?? known);
            if (file is not null && file.Sha256 != await Hashing.OfFileAsync(path, cancellation))
                context.Progress.Note($"{name} has changed since it was last fetched (then {file.Bytes} bytes, SHA-256 {file.Sha256})");
        }
    }

    /// <summary>
    /// Fetches <paramref name="url"/> into the file <paramref name="path"/>, or what is missing of it there; its folder is made. There is no file where
    /// the content is <paramref name="known"/> and unchanged.
    /// </summary>
    /// <exception cref="InvalidInputException">It cannot be had, or is a web page; with <paramref name="remedy"/>.</exception>
    public static async Task<Fetched> FetchAsync(Fetcher fetcher, Uri url, string path, ContentVersion? known, string remedy, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fetched = await fetcher.FetchFileAsync(url, path, MaxBytes, known, cancellation);
        if (fetched.End == FetchEnd.Unchanged) return fetched;
        if (fetched.Fault is not null)
            throw new InvalidInputException($"{PictureAddress.Shown(url.OriginalString)}: cannot be fetched: {fetched.Fault}; check the address and that the server is up, {remedy}");
        if (StandIn.Of(path) is not { } what) return fetched;
        PartialFile.Delete(path);
        throw new InvalidInputException($"{PictureAddress.Shown(url.OriginalString)}: {what}; {remedy}");
    }
}
